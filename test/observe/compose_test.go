package observe

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// composition is what of docker-compose.yml matters here.
type composition struct {
	Services map[string]struct {
		Environment map[string]string `yaml:"environment"`
		Profiles    []string          `yaml:"profiles"`
		Ports       []string          `yaml:"ports"`
		Volumes     []string          `yaml:"volumes"`
	} `yaml:"services"`
	Volumes map[string]any `yaml:"volumes"`
}

const root = "../.."

// Prometheus reads the services of the composition where they listen, under the names
// that the alerts and the dashboard use.
func TestComposedServicesAreRead(t *testing.T) {
	t.Parallel()
	var c composition
	readYAML(t, filepath.Join(root, "docker-compose.yml"), &c)
	var prometheus struct {
		Jobs []struct {
			Name string `yaml:"job_name"`
			DNS  []struct {
				Names []string `yaml:"names"`
				Port  int      `yaml:"port"`
			} `yaml:"dns_sd_configs"`
		} `yaml:"scrape_configs"`
	}
	readYAML(t, "prometheus.yml", &prometheus)
	var jobs []string
	for _, job := range prometheus.Jobs {
		jobs = append(jobs, job.Name)
		for _, dns := range job.DNS {
			addr := c.Services[job.Name].Environment["DEBUG_ADDR"]
			if !slices.Equal(dns.Names, []string{job.Name}) || addr != fmt.Sprintf(":%d", dns.Port) {
				t.Errorf("job %s is read from %v, port %d; the service has DEBUG_ADDR %q", job.Name, dns.Names, dns.Port, addr)
			}
		}
	}
	if !slices.Equal(jobs, []string{"http-server", "rpc-server"}) {
		t.Errorf("jobs = %v; want both services", jobs)
	}
}

// Prometheus, Grafana and Jaeger start on request alone and listen for this machine
// alone. The files that they are given exist.
func TestComposedProfile(t *testing.T) {
	t.Parallel()
	var c composition
	readYAML(t, filepath.Join(root, "docker-compose.yml"), &c)
	for _, name := range []string{"prometheus", "grafana", "jaeger"} {
		service := c.Services[name]
		if !slices.Equal(service.Profiles, []string{"observe"}) {
			t.Errorf("%s: profiles %v; want observe", name, service.Profiles)
		}
		if len(service.Ports) != 1 || !strings.HasPrefix(service.Ports[0], "127.0.0.1:") {
			t.Errorf("%s: ports %v; want one of this machine's", name, service.Ports)
		}
		for _, volume := range service.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			_, isVolume := c.Volumes[source]
			if _, err := os.Stat(filepath.Join(root, source)); err != nil && !isVolume {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
