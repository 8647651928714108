package deploy

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// A place is an end of a connection: pods of a workload, or something else of the network.
type place struct {
	name      string
	pods      *workload         // nil: no pods of this namespace
	namespace map[string]string // labels of another namespace; nil: it is outside of the cluster
}

var (
	outside = place{name: "outside"}
	dns     = place{name: "DNS", namespace: map[string]string{"kubernetes.io/metadata.name": "kube-system"}}
)

// places returns all workloads, and the other places.
func (o *overlay) places() []place {
	found := []place{outside, dns}
	for _, w := range o.workloads {
		found = append(found, place{name: w.name, pods: w})
	}
	return found
}

// matches reports whether a peer of a rule is a place. A block of addresses is outside,
// and counts only if it is every address: the test knows no others.
func (o *overlay) matches(peer networkingv1.NetworkPolicyPeer, p place) bool {
	switch {
	case peer.IPBlock != nil:
		return peer.IPBlock.CIDR == "0.0.0.0/0"
	case peer.NamespaceSelector != nil:
		s, err := metav1.LabelSelectorAsSelector(peer.NamespaceSelector)
		return err == nil && peer.PodSelector == nil && p.namespace != nil && s.Matches(labels.Set(p.namespace))
	}
	return p.pods != nil && slices.Contains(o.selected(peer.PodSelector), p.pods)
}

// admits reports whether a rule lets a connection to or from p through. A rule without
// peers or without ports is for all of them.
func (o *overlay) admits(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort, p place, to target) bool {
	return (len(peers) == 0 || slices.ContainsFunc(peers, func(peer networkingv1.NetworkPolicyPeer) bool { return o.matches(peer, p) })) &&
		(len(ports) == 0 || slices.ContainsFunc(ports, func(port networkingv1.NetworkPolicyPort) bool {
			return port.Protocol != nil && *port.Protocol == to.protocol && port.Port != nil && port.Port.IntVal == to.port && port.EndPort == nil
		}))
}

// A target is where a connection ends.
type target struct {
	place
	protocol corev1.Protocol
	port     int32
}

// passes reports whether the policies let a connection through, by the rules of
// https://kubernetes.io/docs/concepts/services-networking/network-policies/: where policies
// select an end, one of them has to allow it.
func (o *overlay) passes(from place, to target) bool {
	leaves, enters := from.pods == nil, to.pods == nil
	for _, p := range o.policies {
		selected := o.selected(&p.Spec.PodSelector)
		if from.pods != nil && slices.Contains(selected, from.pods) && slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeEgress) {
			leaves = leaves || slices.ContainsFunc(p.Spec.Egress, func(r networkingv1.NetworkPolicyEgressRule) bool {
				return o.admits(r.To, r.Ports, to.place, to)
			})
		}
		if to.pods != nil && slices.Contains(selected, to.pods) && slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeIngress) {
			enters = enters || slices.ContainsFunc(p.Spec.Ingress, func(r networkingv1.NetworkPolicyIngressRule) bool {
				return o.admits(r.From, r.Ports, from, to)
			})
		}
	}
	return leaves && enters
}

// targets returns each port of each workload, and some of the network.
func (o *overlay) targets() []target {
	found := []target{
		{dns, corev1.ProtocolUDP, 53},
		{dns, corev1.ProtocolTCP, 53},
		{dns, corev1.ProtocolTCP, 443},
		{outside, corev1.ProtocolTCP, 443},
		{outside, corev1.ProtocolTCP, 3306},
		{outside, corev1.ProtocolUDP, 53},
	}
	for _, p := range o.places() {
		if p.pods == nil {
			continue
		}
		for _, c := range p.pods.container().Ports {
			found = append(found, target{p, corev1.ProtocolTCP, c.ContainerPort})
		}
	}
	return found
}

// needed reports whether a connection is one that is made: by a program of ours, by its
// resolver, or by clients.
func needed(made []dial, from place, to target) bool {
	if to.name == dns.name {
		return to.port == 53 && slices.ContainsFunc(made, func(d dial) bool { return d.from == from.pods })
	}
	if from.pods == nil {
		return to.pods != nil && to.pods.name == "http-server" && to.port == 8080
	}
	return to.protocol == corev1.ProtocolTCP && slices.Contains(made, dial{from.pods, to.pods, to.port})
}

// checkNetwork finds connections that are made and refused, and those that pass although
// nobody makes them.
func checkNetwork(o *overlay) (wrong []string) {
	made, _ := o.dials()
	for _, from := range o.places() {
		for _, to := range o.targets() {
			if from.pods == nil && to.pods == nil {
				continue // no matter of these policies
			}
			passes, needed := o.passes(from, to), needed(made, from, to)
			if passes != needed {
				wrong = append(wrong, fmt.Sprintf("%s to %s %s:%d: passes %t; needed %t", from.name, to.protocol, to.name, to.port, passes, needed))
			}
		}
	}
	return append(wrong, o.checkDefault()...)
}

// checkDefault wants that pods without a policy of their own reach nothing.
func (o *overlay) checkDefault() []string {
	for _, p := range o.policies {
		if all := p.Spec.PodSelector; len(all.MatchLabels)+len(all.MatchExpressions) == 0 &&
			len(p.Spec.PolicyTypes) == 2 && len(p.Spec.Ingress)+len(p.Spec.Egress) == 0 {
			return nil
		}
	}
	return []string{"there is no policy that denies all"}
}
