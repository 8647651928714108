package deploy

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// checkRights finds what the profile "restricted" of the Pod Security Standards refuses
// (https://kubernetes.io/docs/concepts/security/pod-security-standards/), and what more
// each pod of ours does without: a writable root, and the token of a service account.
func checkRights(o *overlay) (wrong []string) {
	for _, n := range o.namespaces {
		if n.Name != "im" || n.Labels["pod-security.kubernetes.io/enforce"] != "restricted" {
			wrong = append(wrong, "the namespace takes pods that are not restricted")
		}
	}
	if len(o.namespaces) != 1 {
		wrong = append(wrong, "not one namespace")
	}
	for _, w := range o.workloads {
		spec, c := w.pod.Spec, w.container()
		refused := map[string]bool{
			"more than one container":   len(spec.Containers)+len(spec.InitContainers)+len(spec.EphemeralContainers) != 1,
			"the host's network":        spec.HostNetwork || spec.HostPID || spec.HostIPC,
			"a token":                   spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken,
			"variables of all Services": spec.EnableServiceLinks == nil || *spec.EnableServiceLinks,
			"a volume of another kind":  slices.ContainsFunc(spec.Volumes, isOther),
			"a port of the host":        slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.HostPort != 0 }),
			"no limit of memory":        isZero(c.Resources.Limits, corev1.ResourceMemory) || isZero(c.Resources.Requests, corev1.ResourceMemory),
		}
		for right, has := range refused {
			if has {
				wrong = append(wrong, fmt.Sprintf("%s: it has %s", w.name, right))
			}
		}
		wrong = append(wrong, checkContexts(w.name, spec.SecurityContext, c.SecurityContext)...)
	}
	return wrong
}

// isOther reports whether a volume is neither a Secret nor an empty folder.
func isOther(v corev1.Volume) bool { return v.Secret == nil && v.EmptyDir == nil }

// checkContexts finds rights in the security contexts of a pod and its container.
func checkContexts(name string, pod *corev1.PodSecurityContext, c *corev1.SecurityContext) (wrong []string) {
	if pod == nil || c == nil || c.Capabilities == nil {
		return []string{name + ": it has no security context"}
	}
	granted := map[string]bool{
		"may be root":             !is(pod.RunAsNonRoot) || pod.RunAsUser == nil || *pod.RunAsUser == 0 || c.RunAsUser != nil || c.RunAsNonRoot != nil,
		"may gain rights":         c.AllowPrivilegeEscalation == nil || *c.AllowPrivilegeEscalation || is(c.Privileged),
		"may write its root":      !is(c.ReadOnlyRootFilesystem),
		"has capabilities":        len(c.Capabilities.Add) > 0 || !slices.Equal(c.Capabilities.Drop, []corev1.Capability{"ALL"}),
		"may make any call":       pod.SeccompProfile == nil || pod.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault || c.SeccompProfile != nil,
		"sees the host's process": c.ProcMount != nil,
	}
	for right, has := range granted {
		if has {
			wrong = append(wrong, name+": it "+right)
		}
	}
	return wrong
}

// is reports whether a setting is there and true.
func is(setting *bool) bool { return setting != nil && *setting }

// checkMounts finds mounts without a volume, and two pods of a Deployment that would share one.
func checkMounts(o *overlay) (wrong []string) {
	for _, w := range o.workloads {
		var names []string
		for _, v := range w.pod.Spec.Volumes {
			names = append(names, v.Name)
			if v.Secret != nil && o.secrets[v.Secret.SecretName] == nil {
				wrong = append(wrong, fmt.Sprintf("%s: there is no Secret %s", w.name, v.Secret.SecretName))
			}
		}
		for _, c := range w.claims {
			names = append(names, c.Name)
		}
		for _, m := range w.container().VolumeMounts {
			if !slices.Contains(names, m.Name) {
				wrong = append(wrong, fmt.Sprintf("%s: there is no volume %s", w.name, m.Name))
			}
		}
		if len(names) != len(w.container().VolumeMounts) {
			wrong = append(wrong, fmt.Sprintf("%s: a volume is not mounted", w.name))
		}
	}
	return wrong
}
