package storetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"
)

// startTimeout is for how long a server may take until it answers, crash
// recovery included.
const startTimeout = 60 * time.Second

// ServerConfig says what a [Server] is and how it is reached.
type ServerConfig struct {
	Name    string   // for messages
	Addr    string   // host:port
	Command []string // the program and its arguments
	Env     []string // variables of the program, beside this process's
	Log     string   // the file in which the program says why it ends
	User    string   // user, or user:password
	Group   int      // of users, that the process is of; 0: as this process
}

// Server is a database server of the test's own.
type Server struct {
	config ServerConfig
	cmd    *exec.Cmd
	done   chan struct{} // closed when the process has ended
}

// NewServer returns a server that is not started yet.
func NewServer(c ServerConfig) *Server { return &Server{config: c} }

// Launch starts the server, with further arguments for this one time. It ends with
// [Server.Stop], [Server.Kill], or with this process.
func (s *Server) Launch(args ...string) error {
	s.cmd = s.Program(args...)
	s.done = make(chan struct{})
	return StartTied(s.cmd, s.done)
}

// Program is the server's program with further arguments, not started.
func (s *Server) Program(args ...string) *exec.Cmd {
	command := slices.Concat(s.config.Command, args)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), s.config.Env...)
	if s.config.Group != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{
			Uid: uint32(os.Getuid()), Gid: uint32(s.config.Group), NoSetGroups: true,
		}}
	}
	return cmd
}

// SetGroup makes the server's process, from its next start on, one of a group of users:
// by it the kernel can tell the server's connections from others. This takes root.
func (s *Server) SetGroup(id int) { s.config.Group = id }

// SetEnv adds variables to those of the program.
func (s *Server) SetEnv(variables ...string) { s.config.Env = append(s.config.Env, variables...) }

// Start starts the server like [Server.Launch], again on the same data and address
// after Stop or Kill, and waits until it answers.
func (s *Server) Start(args ...string) error {
	if err := s.Launch(args...); err != nil {
		return err
	}
	return s.AwaitAnswer()
}

// AwaitAnswer waits until the server answers or has ended.
func (s *Server) AwaitAnswer() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	pool, err := Connect(s.DSN(""))
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for {
		err := pool.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-poll.C:
		case <-s.done:
			log, _ := os.ReadFile(s.config.Log)
			return fmt.Errorf("%s has ended:\n%s", s.config.Name, log)
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", s.config.Name, err)
		}
	}
}

// DSN names a database of the server.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("%s@tcp(%s)/%s", s.config.User, s.Addr(), database)
}

// Create makes a database on the server and returns its DSN.
func (s *Server) Create(t testing.TB, database string) (dsn string) {
	t.Helper()
	run(t, s.DSN(""), "CREATE DATABASE "+database)
	return s.DSN(database)
}

// Addr returns the server's address.
func (s *Server) Addr() string { return s.config.Addr }

// PID returns the id of the server's process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Done is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop shuts the server down.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends the server as a crash would.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Freeze stops the server's process, with its connections open.
func (s *Server) Freeze() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen server continue.
func (s *Server) Thaw() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }

func (s *Server) end(signal os.Signal) {
	_ = s.cmd.Process.Signal(signal)
	<-s.done
}
