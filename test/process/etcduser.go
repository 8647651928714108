package process

import (
	"context"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// root is etcd's own administrator.
const root, rootPassword = "root", "root of the test"

// AskForUser makes etcd refuse whoever is not the user, who may read and write
// what rpc-servers register, and nothing else.
func (e *Etcd) AskForUser(t testing.TB, user, password string) {
	t.Helper()
	for _, step := range []func(ctx context.Context, c *clientv3.Client) (any, error){
		func(ctx context.Context, c *clientv3.Client) (any, error) { return c.UserAdd(ctx, root, rootPassword) },
		func(ctx context.Context, c *clientv3.Client) (any, error) { return c.RoleAdd(ctx, root) },
		func(ctx context.Context, c *clientv3.Client) (any, error) { return c.UserGrantRole(ctx, root, root) },
		func(ctx context.Context, c *clientv3.Client) (any, error) { return c.RoleAdd(ctx, "im") },
		func(ctx context.Context, c *clientv3.Client) (any, error) {
			end := clientv3.GetPrefixRangeEnd(registryPrefix)
			return c.RoleGrantPermission(ctx, "im", registryPrefix, end, clientv3.PermissionType(clientv3.PermReadWrite))
		},
		func(ctx context.Context, c *clientv3.Client) (any, error) { return c.UserAdd(ctx, user, password) },
		func(ctx context.Context, c *clientv3.Client) (any, error) { return c.UserGrantRole(ctx, user, "im") },
		func(ctx context.Context, c *clientv3.Client) (any, error) { return c.AuthEnable(ctx) },
	} {
		e.administer(t, step)
	}
	access := e.access
	access.Username, access.Password = root, rootPassword
	e.connect(t, access)
}

// SetPassword gives the user another password.
func (e *Etcd) SetPassword(t testing.TB, user, password string) {
	t.Helper()
	e.administer(t, func(ctx context.Context, c *clientv3.Client) (any, error) {
		return c.UserChangePassword(ctx, user, password)
	})
}

// AskForNoUser ends what [Etcd.AskForUser] has begun.
func (e *Etcd) AskForNoUser(t testing.TB) {
	t.Helper()
	e.administer(t, func(ctx context.Context, c *clientv3.Client) (any, error) { return c.AuthDisable(ctx) })
}

// administer does a step that must succeed.
func (e *Etcd) administer(t testing.TB, step func(ctx context.Context, c *clientv3.Client) (any, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	if _, err := step(ctx, e.client); err != nil {
		t.Fatal(err)
	}
}
