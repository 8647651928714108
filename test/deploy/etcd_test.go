package deploy

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// electionTimeout is for how long members may take to find each other and a leader.
const electionTimeout = time.Minute

// The arguments of etcd make a cluster of three, which works on without one of them. Names
// and ports of pods are replaced by ports of this machine, and nothing else.
func TestEtcdIsACluster(t *testing.T) {
	t.Parallel()
	storetest.Needs(t, "etcd")
	program, err := exec.LookPath("etcd")
	if err != nil {
		t.Fatalf("the tests need etcd: apt-get install etcd-server: %v", err)
	}
	o, err := build(manifests(t), "database-inside")
	if err != nil {
		t.Fatal(err)
	}
	w := o.named("StatefulSet", "etcd")
	var addresses []string
	for i := range *w.replicas {
		for _, port := range []int{2379, 2380} {
			addresses = append(addresses, fmt.Sprintf("etcd-%d.etcd:%d", i, port), storetest.Reserve(t))
		}
	}
	names := strings.NewReplacer(addresses...)
	var members []*process.Process
	var health []string
	for i := range *w.replicas {
		metrics, pod := storetest.Reserve(t), fmt.Sprintf("etcd-%d", i)
		own := strings.NewReplacer("$(POD_NAME)", pod, "/data/etcd", t.TempDir(), "0.0.0.0:2381", metrics, "0.0.0.0", pod+".etcd")
		command := []string{program}
		for _, arg := range w.container().Args {
			command = append(command, names.Replace(own.Replace(arg)))
		}
		p := process.Start(t, pod, command, nil)
		t.Cleanup(p.Kill)
		members, health = append(members, p), append(health, "http://"+metrics+"/health")
	}
	awaitHealth(t, health)
	members[0].Kill()
	awaitHealth(t, health[1:])
	if status := process.Status(health[0]); status != 0 {
		t.Errorf("the member that was killed answers %d", status)
	}
}

// awaitHealth waits until each member of etcd says that it has a leader and reads.
func awaitHealth(t *testing.T, health []string) {
	t.Helper()
	for _, url := range health {
		process.Await(t, electionTimeout, url+" is well", func() bool { return process.Status(url) == http.StatusOK })
	}
}
