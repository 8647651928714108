package deploy

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// overlays are the folders that operators apply.
var overlays = []string{"database-inside", "database-outside"}

// password is the one that an operator puts beside an overlay.
const password = "0123456789abcdef\n"

// An overlay is what Kubernetes is given.
type overlay struct {
	workloads  []*workload
	services   []corev1.Service
	policies   []networkingv1.NetworkPolicy
	budgets    []policyv1.PodDisruptionBudget
	scalers    []autoscalingv2.HorizontalPodAutoscaler
	namespaces []corev1.Namespace
	configs    map[string]map[string]string
	secrets    map[string]map[string][]byte
}

// A workload is a Deployment or a StatefulSet.
type workload struct {
	kind, name  string
	serviceName string // of a StatefulSet
	replicas    *int32
	selector    *metav1.LabelSelector
	pod         corev1.PodTemplateSpec
	claims      []corev1.PersistentVolumeClaim
}

// container returns the only container of its pods.
func (w *workload) container() corev1.Container { return w.pod.Spec.Containers[0] }

// manifests returns the files of deploy/kubernetes, each by its path there, with a
// password for each overlay.
func manifests(t testing.TB) map[string]string {
	t.Helper()
	root := os.DirFS(folder(t, "kubernetes"))
	files := map[string]string{}
	err := fs.WalkDir(root, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".yaml" {
			return err
		}
		content, err := fs.ReadFile(root, name)
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range overlays {
		files[name+"/password"] = password
	}
	return files
}

// build makes an overlay of files as kubectl apply -k does, and decodes it strictly.
func build(files map[string]string, name string) (*overlay, error) {
	memory := filesys.MakeFsInMemory()
	for file, content := range files {
		if err := memory.WriteFile("/"+file, []byte(content)); err != nil {
			return nil, err
		}
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(memory, "/"+name)
	if err != nil {
		return nil, err
	}
	o := &overlay{configs: map[string]map[string]string{}, secrets: map[string]map[string][]byte{}}
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		if err == nil {
			err = o.add(resource.GetGvk().ApiVersion()+" "+resource.GetKind(), text)
		}
		if err == nil && resource.GetKind() != "Namespace" && resource.GetNamespace() != "im" {
			err = fmt.Errorf("namespace %q", resource.GetNamespace())
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", resource.GetKind(), resource.GetName(), err)
		}
	}
	return o, nil
}

// add adds a resource of a kind with its version.
func (o *overlay) add(kind string, text []byte) error {
	switch kind {
	case "apps/v1 Deployment":
		d, err := decode[appsv1.Deployment](text)
		o.workloads = append(o.workloads, &workload{"Deployment", d.Name, "", d.Spec.Replicas, d.Spec.Selector, d.Spec.Template, nil})
		return err
	case "apps/v1 StatefulSet":
		s, err := decode[appsv1.StatefulSet](text)
		o.workloads = append(o.workloads, &workload{
			"StatefulSet", s.Name, s.Spec.ServiceName, s.Spec.Replicas, s.Spec.Selector, s.Spec.Template, s.Spec.VolumeClaimTemplates,
		})
		return err
	case "v1 ConfigMap":
		c, err := decode[corev1.ConfigMap](text)
		o.configs[c.Name] = c.Data
		return err
	case "v1 Secret":
		s, err := decode[corev1.Secret](text)
		o.secrets[s.Name] = s.Data
		return err
	case "v1 Service":
		return appendTo(&o.services, text)
	case "v1 Namespace":
		return appendTo(&o.namespaces, text)
	case "networking.k8s.io/v1 NetworkPolicy":
		return appendTo(&o.policies, text)
	case "policy/v1 PodDisruptionBudget":
		return appendTo(&o.budgets, text)
	case "autoscaling/v2 HorizontalPodAutoscaler":
		return appendTo(&o.scalers, text)
	}
	return fmt.Errorf("no check knows %s", kind)
}

// appendTo decodes text and appends it to list.
func appendTo[T any](list *[]T, text []byte) error {
	object, err := decode[T](text)
	*list = append(*list, object)
	return err
}

// decode refuses fields that T does not have, and fields that are there twice.
func decode[T any](text []byte) (object T, err error) {
	err = yaml.UnmarshalStrict(text, &object)
	return object, err
}

// An overlay without a password is refused with the name of the file that is missing.
func TestPasswordIsRequired(t *testing.T) {
	t.Parallel()
	for _, name := range overlays {
		files := manifests(t)
		delete(files, name+"/password")
		if _, err := build(files, name); err == nil || !strings.Contains(err.Error(), name+"/password") {
			t.Errorf("%s: %v; want an error that names the file", name, err)
		}
	}
}
