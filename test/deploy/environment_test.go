package deploy

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// podIP stands for the address that Kubernetes gives to a pod.
const podIP = "10.0.0.7"

// program returns the service that a container runs, or the name of another image.
func program(c corev1.Container) string {
	name, _, _ := strings.Cut(path.Base(c.Image), ":")
	return name
}

// environment returns the variables of a workload's container in its first pod, and what
// is wrong with them. Variables that only complete others are left out.
func (o *overlay) environment(w *workload) (env map[string]string, wrong []string) {
	c, own := w.container(), map[string]string{}
	env = map[string]string{}
	for _, from := range c.EnvFrom {
		config, found := map[string]string(nil), false
		if from.ConfigMapRef != nil {
			config, found = o.configs[from.ConfigMapRef.Name]
		}
		if !found {
			wrong = append(wrong, fmt.Sprintf("%s: there is no ConfigMap for %v", w.name, from))
		}
		maps.Copy(env, config)
	}
	for _, v := range c.Env {
		if v.ValueFrom == nil {
			env[v.Name] = expand(v.Value, own)
			continue
		}
		value, found := map[string]string{"status.podIP": podIP, "metadata.name": w.name + "-0"}[fieldPath(v)]
		if !found {
			wrong = append(wrong, fmt.Sprintf("%s: %s has no source that the test knows", w.name, v.Name))
		}
		own[v.Name] = value
	}
	return env, wrong
}

// fieldPath returns the field of the pod that is a variable's value, or "".
func fieldPath(v corev1.EnvVar) string {
	if v.ValueFrom.FieldRef == nil {
		return ""
	}
	return v.ValueFrom.FieldRef.FieldPath
}

// expand replaces $(NAME) as Kubernetes does: only by variables that come before.
func expand(value string, earlier map[string]string) string {
	for name, replacement := range earlier {
		value = strings.ReplaceAll(value, "$("+name+")", replacement)
	}
	return value
}

// checkEnvironment finds variables that the programs do not take.
func checkEnvironment(o *overlay, known settings) (wrong []string) {
	for _, w := range o.workloads {
		env, faults := o.environment(w)
		wrong = append(wrong, faults...)
		for name, value := range env {
			if taken, ours := known[program(w.container())]; ours && !taken[name] {
				wrong = append(wrong, fmt.Sprintf("%s: it takes no variable %s", w.name, name))
			}
			if strings.Contains(value, "$(") {
				wrong = append(wrong, fmt.Sprintf("%s: nothing replaces a part of %s=%s", w.name, name, value))
			}
			if file := strings.HasSuffix(name, "_FILE"); file && o.mounted(w, value) == nil {
				wrong = append(wrong, fmt.Sprintf("%s: no Secret is mounted for %s=%s", w.name, name, value))
			}
		}
	}
	return wrong
}

// mounted returns the content of a file of a Secret in a workload's container, or nil.
func (o *overlay) mounted(w *workload, file string) []byte {
	for _, mount := range w.container().VolumeMounts {
		for _, volume := range w.pod.Spec.Volumes {
			if volume.Name == mount.Name && volume.Secret != nil && mount.MountPath == path.Dir(file) {
				return o.secrets[volume.Secret.SecretName][path.Base(file)]
			}
		}
	}
	return nil
}

// checkSecrets finds secrets where everybody who may read the configuration reads them.
func checkSecrets(o *overlay) (wrong []string) {
	open := map[string]string{}
	for name, config := range o.configs {
		for key, value := range config {
			open["ConfigMap "+name+" "+key] = value
		}
	}
	for _, w := range o.workloads {
		for _, v := range w.container().Env {
			open[w.name+" "+v.Name] = v.Value
		}
		open[w.name] = strings.Join(append(w.container().Command, w.container().Args...), " ")
	}
	for name, value := range open {
		for _, secret := range o.secrets {
			for _, content := range secret {
				if secret := bytes.TrimSpace(content); len(secret) > 0 && strings.Contains(value, string(secret)) {
					wrong = append(wrong, name+" has the value of a Secret")
				}
			}
		}
	}
	return wrong
}

// stopMargin is how much longer than a service's drain Kubernetes and systemd wait.
const stopMargin = 5 * time.Second

// checkDrain finds services that would be killed while they finish.
func checkDrain(o *overlay) (wrong []string) {
	for _, w := range o.workloads {
		if name := program(w.container()); name != "http-server" && name != "rpc-server" {
			continue
		}
		env, _ := o.environment(w)
		delay, err := time.ParseDuration(env["DRAIN_DELAY"])
		wait, err2 := time.ParseDuration(env["EXIT_WAIT"])
		grace := w.pod.Spec.TerminationGracePeriodSeconds
		if err != nil || err2 != nil || grace == nil || time.Duration(*grace)*time.Second < delay+wait+stopMargin {
			wrong = append(wrong, fmt.Sprintf("%s: it is killed before DRAIN_DELAY and EXIT_WAIT are over", w.name))
		}
	}
	return wrong
}
