package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/im/test/process"
)

// worstExposure is the most that systemd-analyze security may say, of 100: services of up to
// 19 are "OK" or better.
const worstExposure = "19"

// unit returns the text of a service's unit.
func unit(t testing.TB, service string) string { return systemdFile(t, service+".service") }

// systemdFile returns the text of a file of deploy/systemd.
func systemdFile(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder(t, "systemd"), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// directives returns the values of a directive, in their order.
func directives(text, name string) (values []string) {
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(strings.TrimSpace(line), name+"="); found {
			values = append(values, value)
		}
	}
	return values
}

// analyze runs systemd-analyze on a copy of a unit whose program is there, and returns its
// output. It skips the test where there is no systemd.
func analyze(t *testing.T, service, text string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed (Debian: apt-get install systemd)")
	}
	file := filepath.Join(t.TempDir(), service+".service")
	text = strings.ReplaceAll(text, "/usr/local/bin/"+service, process.Binary(t, service))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("systemd-analyze", append(args, file)...).CombinedOutput()
	return string(out), err
}

// verify returns what systemd says of a unit: nothing, if it takes all of it.
func verify(t *testing.T, service, text string) string {
	t.Helper()
	out, err := analyze(t, service, text, "verify", "--man=no")
	if err != nil && out == "" {
		return err.Error()
	}
	return out
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, service := range services {
		t.Run(service, func(t *testing.T) {
			if problem := verify(t, service, unit(t, service)); problem != "" {
				t.Error(problem)
			}
			out, err := analyze(t, service, unit(t, service), "security", "--offline=true", "--no-pager", "--threshold="+worstExposure)
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			wantDocumented(t, out)
		})
	}
}

// wantDocumented wants the README to name the exposure that a version of systemd finds, if it
// is the version that the README names.
func wantDocumented(t *testing.T, security string) {
	t.Helper()
	version, err := exec.Command("systemd-analyze", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	readme := systemdFile(t, "README.md")
	number := regexp.MustCompile(`systemd (\d+)`).FindString(string(version))
	if number == "" || !strings.Contains(readme, number+" says ") {
		return
	}
	_, level, _ := strings.Cut(security, "Overall exposure level for ")
	_, level, _ = strings.Cut(level, ": ")
	score, _, _ := strings.Cut(level, " ")
	if score == "" || !strings.Contains(readme, number+" says "+score+" ") {
		t.Errorf("%s says %q; the README says otherwise", number, score)
	}
}

// What is wrong in a unit is found, although systemd itself would only ignore it.
func TestUnitFaultsAreFound(t *testing.T) {
	t.Parallel()
	for old, changed := range map[string]string{
		"Restart=on-failure":                    "Restart=on-fail",
		"Type=exec":                             "Type=executable",
		"SystemCallFilter=@system-service":      "SystemCallFilter=@system-services",
		"TimeoutStopSec=20s":                    "TimeoutStopSecs=20s",
		"ExecStart=/usr/local/bin/http-server":  "ExecStart=/usr/local/bin/httpd-server",
		"RestrictAddressFamilies=AF_INET AF_IN": "RestrictAddressFamilies=AF_INET4 AF_IN",
	} {
		text := unit(t, "http-server")
		if !strings.Contains(text, old) {
			t.Errorf("the unit has no %s", old)
		}
		if verify(t, "http-server", strings.Replace(text, old, changed, 1)) == "" {
			t.Errorf("systemd takes %s", changed)
		}
	}
	exposed := "[Service]\nExecStart=/usr/local/bin/http-server\n"
	if out, err := analyze(t, "http-server", exposed, "security", "--offline=true", "--no-pager", "--threshold="+worstExposure); err == nil {
		t.Errorf("a unit without bounds is taken:\n%s", out)
	}
}

// checkUnit finds variables that a service does not take, and bounds below its own.
func checkUnit(t *testing.T, service, text, environment string, known settings) (wrong []string) {
	t.Helper()
	values := defaults(t, service)
	for _, line := range append(directives(text, "Environment"), strings.Split(environment, "\n")...) {
		name, value, found := strings.Cut(line, "=")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		values[name] = value
		if !known[service][name] {
			wrong = append(wrong, "it takes no variable "+name)
		}
	}
	delay, err := time.ParseDuration(values["DRAIN_DELAY"])
	wait, err2 := time.ParseDuration(values["EXIT_WAIT"])
	stop, err3 := time.ParseDuration(strings.Join(directives(text, "TimeoutStopSec"), " "))
	if err != nil || err2 != nil || err3 != nil || stop < delay+wait+stopMargin {
		wrong = append(wrong, "it is killed before DRAIN_DELAY and EXIT_WAIT are over")
	}
	connections, err := strconv.Atoi(values["MAX_CONNECTIONS"])
	files, err2 := strconv.Atoi(strings.Join(directives(text, "LimitNOFILE"), " "))
	if err != nil || err2 != nil || files <= connections {
		wrong = append(wrong, "it has fewer files than MAX_CONNECTIONS")
	}
	return wrong
}

// defaults returns what a service takes where nothing is set.
func defaults(t *testing.T, service string) map[string]string {
	t.Helper()
	help, err := exec.Command(process.Binary(t, service), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, match := range regexp.MustCompile(`--([a-z-]+)=(\S+)`).FindAllStringSubmatch(string(help), -1) {
		values[strings.ToUpper(strings.ReplaceAll(match[1], "-", "_"))] = match[2]
	}
	return values
}

func TestUnitSettings(t *testing.T) {
	t.Parallel()
	known := knownSettings(t)
	for _, service := range services {
		text, environment := unit(t, service), systemdFile(t, service+".env")
		for _, problem := range checkUnit(t, service, text, environment, known) {
			t.Errorf("%s: %s", service, problem)
		}
		if got, want := directives(text, "EnvironmentFile"), "/etc/im/"+service+".env"; len(got) != 1 || got[0] != want {
			t.Errorf("EnvironmentFile = %q; want %s", got, want)
		}
		broken := strings.NewReplacer("TimeoutStopSec=20s", "TimeoutStopSec=15s", "LimitNOFILE=65536", "LimitNOFILE=1024").Replace(text)
		if found := checkUnit(t, service, broken, "ETCD_ENDPOINT=a:1", known); len(found) != 3 {
			t.Errorf("%s: found %q; want three faults", service, found)
		}
	}
}
