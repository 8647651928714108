package etcd

import (
	"context"
	"errors"
	"slices"
	"sync"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// failFast ends a call when the connection has failed, and returns the reason. Etcd's
// client would wait for another connection until the caller's time is up, and then
// tell of nothing but the deadline.
func failFast(
	ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
) error {
	return invoke(ctx, method, req, reply, cc, slices.Concat(opts, []grpc.CallOption{grpc.WaitForReady(false)})...)
}

// authenticate is the call that gives a token for a password.
const authenticate = "/etcdserverpb.Auth/Authenticate"

// user tells etcd with each call who asks, by a token. It asks for a token before the
// first call, and again when etcd does not know the token any more. (Without a token
// etcd takes the user from the client's certificate.)
//
// Etcd's own client (v3.6.14) asks for a token when it is made. So it cannot be made
// while etcd is away. And it shows the old token when it asks for a new one: etcd 3.4
// refuses that, and the client never gets a token again.
type user struct {
	name, password string

	asking sync.Mutex // held during authenticate
	mu     sync.Mutex
	token  string
}

// options make the calls of a client those of the user.
func (u *user) options() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithPerRPCCredentials(u), grpc.WithChainUnaryInterceptor(u.call)}
}

// GetRequestMetadata implements [credentials.PerRPCCredentials].
func (u *user) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	info, _ := credentials.RequestInfoFromContext(ctx)
	token := u.known()
	if token == "" || info.Method == authenticate {
		return nil, nil
	}
	return map[string]string{rpctypes.TokenFieldNameGRPC: token}, nil
}

// RequireTransportSecurity implements [credentials.PerRPCCredentials].
func (u *user) RequireTransportSecurity() bool { return false }

// call makes a call with a token, and once more with a new one if etcd refuses that.
func (u *user) call(
	ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
) error {
	ask := func(req *pb.AuthenticateRequest, reply *pb.AuthenticateResponse) error {
		return invoke(ctx, authenticate, req, reply, cc, opts...)
	}
	used := u.known()
	if used == "" {
		if err := u.renew("", ask); err != nil {
			return err
		}
		used = u.known()
	}
	err := invoke(ctx, method, req, reply, cc, opts...)
	if !isStale(err) {
		return err
	}
	if err := u.renew(used, ask); err != nil {
		return err
	}
	return invoke(ctx, method, req, reply, cc, opts...)
}

// isStale reports whether etcd has refused a call for its token.
func isStale(err error) bool {
	err = rpctypes.Error(err)
	return errors.Is(err, rpctypes.ErrInvalidAuthToken) || errors.Is(err, rpctypes.ErrAuthOldRevision)
}

// renew asks for a token, unless another call has replaced the used one meanwhile.
// An etcd that asks nobody for a password has none.
func (u *user) renew(used string, ask func(*pb.AuthenticateRequest, *pb.AuthenticateResponse) error) error {
	u.asking.Lock()
	defer u.asking.Unlock()
	if u.known() != used {
		return nil
	}
	var reply pb.AuthenticateResponse
	err := ask(&pb.AuthenticateRequest{Name: u.name, Password: u.password}, &reply)
	if err != nil && !errors.Is(rpctypes.Error(err), rpctypes.ErrAuthNotEnabled) {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.token = reply.Token
	return nil
}

// known returns the token.
func (u *user) known() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.token
}
