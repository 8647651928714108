package deploy

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// A dial is a connection that a program makes to pods, or to where to is nil: outside.
type dial struct {
	from, to *workload
	port     int32
}

// dials returns the connections that the programs make, by their variables and arguments,
// and what is wrong with the addresses.
func (o *overlay) dials() (found []dial, wrong []string) {
	for _, w := range o.workloads {
		env, _ := o.environment(w)
		addresses := strings.Split(env["ETCD_ENDPOINTS"], ",")
		switch program(w.container()) {
		case "http-server":
			for _, rpc := range o.workloads {
				if number, ok := o.advertised(rpc); ok {
					found = append(found, dial{w, rpc, number})
				}
			}
		case "rpc-server":
			dsn, err := mysql.ParseDSN(env["MYSQL_DSN"])
			if err != nil || dsn.Passwd != "" {
				wrong = append(wrong, fmt.Sprintf("%s: MYSQL_DSN has a password, or is none", w.name))
				continue
			}
			if _, ok := o.advertised(w); !ok {
				wrong = append(wrong, fmt.Sprintf("%s: gateways cannot reach ADVERTISE_ADDR=%s", w.name, env["ADVERTISE_ADDR"]))
			}
			addresses = append(addresses, dsn.Addr)
		case "etcd":
			addresses = peers(w)
		default:
			continue
		}
		for _, address := range addresses {
			d, err := o.resolve(w, address)
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("%s: %v", w.name, err))
				continue
			}
			found = append(found, d)
		}
	}
	return found, wrong
}

// advertised returns the port that the pods of an rpc-server register in etcd, if it is
// one on which they listen.
func (o *overlay) advertised(w *workload) (number int32, ok bool) {
	env, _ := o.environment(w)
	host, text, err := net.SplitHostPort(env["ADVERTISE_ADDR"])
	_, listens, err2 := net.SplitHostPort(env["RPC_ADDR"])
	if err != nil || err2 != nil || host != podIP || text != listens {
		return 0, false
	}
	for _, p := range w.container().Ports {
		if strconv.Itoa(int(p.ContainerPort)) == text {
			return p.ContainerPort, true
		}
	}
	return 0, false
}

// peers returns the addresses of the members of an etcd.
func peers(w *workload) (addresses []string) {
	for member := range strings.SplitSeq(argument(w, "--initial-cluster"), ",") {
		_, text, _ := strings.Cut(member, "=")
		if u, err := url.Parse(text); err == nil {
			addresses = append(addresses, u.Host)
		}
	}
	return addresses
}

// argument returns the value of an argument of a workload's container, or "".
func argument(w *workload, name string) string {
	for _, arg := range w.container().Args {
		if value, found := strings.CutPrefix(arg, name+"="); found {
			return value
		}
	}
	return ""
}

// resolve returns where an address of the namespace leads: SERVICE:PORT, or
// POD.SERVICE:PORT. A name that ends in .example is outside.
func (o *overlay) resolve(from *workload, address string) (dial, error) {
	host, text, err := net.SplitHostPort(address)
	number, err2 := strconv.ParseInt(text, 10, 32)
	if err != nil || err2 != nil {
		return dial{}, fmt.Errorf("%q is no address", address)
	}
	if strings.HasSuffix(host, ".example") {
		return dial{from, nil, int32(number)}, nil
	}
	name := host
	pod, service, ofPod := strings.Cut(host, ".")
	if ofPod {
		name = service
	}
	s := o.service(name)
	if s == nil || len(o.selectedBy(*s)) != 1 {
		return dial{}, fmt.Errorf("%q names no Service", address)
	}
	to := o.selectedBy(*s)[0]
	if ofPod && !to.hasPod(pod) {
		return dial{}, fmt.Errorf("%q names no pod of %s", address, to.name)
	}
	for _, p := range s.Spec.Ports {
		if target, found := port(to.container(), p.TargetPort); found && int64(p.Port) == number {
			return dial{from, to, target}, nil
		}
	}
	return dial{}, fmt.Errorf("%q: Service %s has no such port", address, name)
}

// hasPod reports whether a StatefulSet has a pod with this name.
func (w *workload) hasPod(name string) bool {
	text, found := strings.CutPrefix(name, w.name+"-")
	number, err := strconv.Atoi(text)
	return found && err == nil && w.replicas != nil && number >= 0 && number < int(*w.replicas)
}

// checkDials finds addresses that lead nowhere.
func checkDials(o *overlay) []string {
	_, wrong := o.dials()
	return wrong
}

// checkMembers finds members of etcd that the others do not know.
func checkMembers(o *overlay) (wrong []string) {
	w := o.named("StatefulSet", "etcd")
	if w == nil || w.replicas == nil {
		return []string{"there is no etcd"}
	}
	var members []string
	for i := range *w.replicas {
		name := fmt.Sprintf("%s-%d", w.name, i)
		members = append(members, fmt.Sprintf("%s=http://%s.%s:2380", name, name, w.serviceName))
	}
	if got, want := argument(w, "--initial-cluster"), strings.Join(members, ","); got != want {
		wrong = append(wrong, fmt.Sprintf("etcd: --initial-cluster=%s; want %s", got, want))
	}
	if *w.replicas%2 == 0 {
		wrong = append(wrong, "etcd: an even number of members")
	}
	return wrong
}
