package deploy

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// selected returns the workloads whose pods a selector matches. nil matches none.
func (o *overlay) selected(selector *metav1.LabelSelector) (found []*workload) {
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return nil
	}
	for _, w := range o.workloads {
		if s.Matches(labels.Set(w.pod.Labels)) {
			found = append(found, w)
		}
	}
	return found
}

// selectedBy returns the workloads to which a Service leads.
func (o *overlay) selectedBy(s corev1.Service) []*workload {
	return o.selected(&metav1.LabelSelector{MatchLabels: s.Spec.Selector})
}

// only reports whether found is w alone.
func only(found []*workload, w *workload) bool { return len(found) == 1 && found[0] == w }

// checkSelectors finds selectors that match other pods than they should, or none.
func checkSelectors(o *overlay) (wrong []string) {
	for _, w := range o.workloads {
		if !only(o.selected(w.selector), w) {
			wrong = append(wrong, fmt.Sprintf("%s: its selector does not match its pods alone", w.name))
		}
		for _, spread := range w.pod.Spec.TopologySpreadConstraints {
			if !only(o.selected(spread.LabelSelector), w) {
				wrong = append(wrong, fmt.Sprintf("%s: it does not spread its own pods", w.name))
			}
		}
		if a := w.pod.Spec.Affinity; a != nil {
			for _, term := range a.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution {
				if !only(o.selected(term.PodAffinityTerm.LabelSelector), w) {
					wrong = append(wrong, fmt.Sprintf("%s: it does not avoid its own pods", w.name))
				}
			}
		}
	}
	for _, s := range o.services {
		if len(o.selectedBy(s)) != 1 {
			wrong = append(wrong, fmt.Sprintf("Service %s: it selects not one workload", s.Name))
		}
	}
	for _, b := range o.budgets {
		if len(o.selected(b.Spec.Selector)) != 1 {
			wrong = append(wrong, fmt.Sprintf("PodDisruptionBudget %s: it selects not one workload", b.Name))
		}
	}
	for _, p := range o.policies {
		if len(o.selected(&p.Spec.PodSelector)) == 0 {
			wrong = append(wrong, fmt.Sprintf("NetworkPolicy %s: it selects no pods", p.Name))
		}
	}
	return wrong
}

// port returns a port of a container, by its number or name.
func port(c corev1.Container, wanted intstr.IntOrString) (number int32, found bool) {
	for _, p := range c.Ports {
		if wanted.Type == intstr.String && p.Name == wanted.StrVal || wanted.Type == intstr.Int && p.ContainerPort == wanted.IntVal {
			return p.ContainerPort, true
		}
	}
	return 0, false
}

// checkPorts finds ports of Services and probes that no container has.
func checkPorts(o *overlay) (wrong []string) {
	for _, s := range o.services {
		for _, p := range s.Spec.Ports {
			for _, w := range o.selectedBy(s) {
				number, found := port(w.container(), p.TargetPort)
				if !found {
					wrong = append(wrong, fmt.Sprintf("Service %s: %s has no port %s", s.Name, w.name, p.TargetPort.String()))
				} else if s.Spec.ClusterIP == corev1.ClusterIPNone && number != p.Port {
					wrong = append(wrong, fmt.Sprintf("Service %s: without an address it cannot lead from port %d to %d", s.Name, p.Port, number))
				}
			}
		}
	}
	for _, w := range o.workloads {
		for name, probe := range probes(w) {
			if probe == nil || probe.HTTPGet == nil && probe.Exec == nil {
				wrong = append(wrong, fmt.Sprintf("%s: it has no %s probe", w.name, name))
			} else if probe.HTTPGet != nil {
				if _, found := port(w.container(), probe.HTTPGet.Port); !found {
					wrong = append(wrong, fmt.Sprintf("%s: its %s probe asks port %s, which it does not have", w.name, name, probe.HTTPGet.Port.String()))
				}
			}
		}
	}
	return wrong
}

// probes returns the probes of a workload's container; one that it lacks is nil.
func probes(w *workload) map[string]*corev1.Probe {
	c := w.container()
	return map[string]*corev1.Probe{"startup": c.StartupProbe, "liveness": c.LivenessProbe, "readiness": c.ReadinessProbe}
}

// named returns the workload with a kind and a name, or nil.
func (o *overlay) named(kind, name string) *workload {
	for _, w := range o.workloads {
		if w.kind == kind && w.name == name {
			return w
		}
	}
	return nil
}

// checkScalers finds HorizontalPodAutoscalers that cannot scale.
func checkScalers(o *overlay) (wrong []string) {
	for _, s := range o.scalers {
		target := s.Spec.ScaleTargetRef
		w := o.named(target.Kind, target.Name)
		switch {
		case w == nil || target.APIVersion != "apps/v1":
			wrong = append(wrong, fmt.Sprintf("HorizontalPodAutoscaler %s: there is no %s %s", s.Name, target.Kind, target.Name))
			continue
		case w.replicas != nil:
			wrong = append(wrong, fmt.Sprintf("%s: each apply would set the replicas that its HorizontalPodAutoscaler sets", w.name))
		case isZero(w.container().Resources.Requests, corev1.ResourceCPU):
			wrong = append(wrong, fmt.Sprintf("%s: without a request of CPU there is no utilization", w.name))
		}
		if s.Spec.MinReplicas == nil || *s.Spec.MinReplicas < 2 || s.Spec.MaxReplicas < *s.Spec.MinReplicas {
			wrong = append(wrong, fmt.Sprintf("HorizontalPodAutoscaler %s: not two replicas or more", s.Name))
		}
	}
	return wrong
}

// checkStateful finds StatefulSets whose pods have no names.
func checkStateful(o *overlay) (wrong []string) {
	for _, w := range o.workloads {
		if w.kind != "StatefulSet" {
			continue
		}
		s := o.service(w.serviceName)
		if s == nil || s.Spec.ClusterIP != corev1.ClusterIPNone || !only(o.selectedBy(*s), w) {
			wrong = append(wrong, fmt.Sprintf("%s: %q is no headless Service of its pods", w.name, w.serviceName))
		}
	}
	return wrong
}

// service returns the Service with a name, or nil.
func (o *overlay) service(name string) *corev1.Service {
	for i := range o.services {
		if o.services[i].Name == name {
			return &o.services[i]
		}
	}
	return nil
}

// isZero reports whether a list lacks a resource.
func isZero(list corev1.ResourceList, name corev1.ResourceName) bool {
	quantity := list[name]
	return quantity.IsZero()
}
