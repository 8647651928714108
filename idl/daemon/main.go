package daemon

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/bytedance/gopkg/util/gctuner"
)

// heapTarget is up to where the heap grows before the garbage collector runs, in
// bytes. A small heap may grow to several times its size, which saves most runs. A
// large one may grow by half, not by its whole size. Most of it are buffers and
// texts, in which the collector finds nothing to follow.
const heapTarget = 64 << 20

// Main runs the command that the command line names, until it ends or the process is
// told to stop. A second signal kills the process. If the command fails, one line on
// stderr says why, and the process exits with status 1. cli is a pointer to the
// grammar for [kong.New]: the methods Run of its commands may take a
// [context.Context] and cli.
func Main(name, description string, cli any, options ...kong.Option) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	gctuner.Tuning(heapTarget)
	if err := Run(ctx, name, description, cli, os.Args[1:], options...); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// Run runs the command that args name. It returns the command's error, or what is
// wrong with a setting.
func Run(ctx context.Context, name, description string, cli any, args []string, options ...kong.Option) error {
	parser, err := kong.New(cli, append(options, kong.Name(name), kong.Description(description), version(name),
		kong.BindTo(ctx, (*context.Context)(nil)))...)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return command.Run()
}

// Default returns settings with nothing set: neither flags nor the environment count.
func Default[S any]() S {
	var s S
	err := kong.ApplyDefaults(&s, kong.PostBuild(func(k *kong.Kong) error {
		for _, flag := range k.Model.Flags {
			flag.Tag.Envs = nil
		}
		return nil
	}))
	if err != nil {
		panic(fmt.Sprintf("the defaults of %T: %v", s, err)) // a mistake in its tags
	}
	return s
}
