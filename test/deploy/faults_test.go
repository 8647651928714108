package deploy

// Files of deploy/kubernetes that faults change.
const (
	baseFile    = "base/kustomization.yaml"
	etcdFile    = "base/etcd.yaml"
	rpcFile     = "base/rpc-server.yaml"
	httpFile    = "base/http-server.yaml"
	networkFile = "base/network.yaml"
	insideFile  = "database-inside/kustomization.yaml"
	mysqlFile   = "database-inside/mysql.yaml"
	wayFile     = "database-inside/network.yaml"
	outFile     = "database-outside/network.yaml"
)

// faults are changes of one file, each with a part of what is found.
var faults = map[string]struct{ file, old, new, want string }{
	"an unknown field":        {rpcFile, "periodSeconds: 1\n", "periodSecond: 1\n", "unknown field"},
	"a number as a text":      {mysqlFile, "replicas: 1", `replicas: "1"`, "cannot unmarshal"},
	"an unknown kind":         {httpFile, "kind: Service\n", "kind: Servce\n", "no check knows"},
	"a version that has left": {rpcFile, "autoscaling/v2", "autoscaling/v2beta2", "no check knows"},

	"a Deployment's selector":  {rpcFile, "selector:\n    matchLabels: {app.kubernetes.io/name: rpc-server}", "selector:\n    matchLabels: {app.kubernetes.io/name: http-server}", "does not match its pods"},
	"a Service's selector":     {etcdFile, "selector: {app.kubernetes.io/name: etcd}", "selector: {app.kubernetes.io/name: etc}", "Service etcd: it selects not one"},
	"a budget's selector":      {etcdFile, "quorum\n  selector:\n    matchLabels: {app.kubernetes.io/name: etcd}", "quorum\n  selector:\n    matchLabels: {app: etcd}", "PodDisruptionBudget etcd"},
	"a policy's selector":      {networkFile, "podSelector:\n    matchLabels: {app.kubernetes.io/name: etcd}", "podSelector:\n    matchLabels: {app: etcd}", "NetworkPolicy etcd: it selects no pods"},
	"what is spread":           {httpFile, "labelSelector:\n            matchLabels: {app.kubernetes.io/name: http-server}", "labelSelector:\n            matchLabels: {app.kubernetes.io/name: rpc-server}", "does not spread"},
	"a Service's port":         {httpFile, "targetPort: http", "targetPort: https", "has no port https"},
	"a headless port":          {mysqlFile, "port: 3306, targetPort: mysql", "port: 3307, targetPort: mysql", "cannot lead from port 3307"},
	"a probe's port":           {rpcFile, "path: /readyz, port: debug", "path: /readyz, port: metrics", "asks port metrics"},
	"no probe":                 {httpFile, "          startupProbe:\n            httpGet: {path: /healthz, port: http}\n            periodSeconds: 1\n            failureThreshold: 60\n", "", "it has no startup probe"},
	"what is scaled":           {rpcFile, "kind: Deployment, name: rpc-server", "kind: Deployment, name: rpc", "there is no Deployment rpc"},
	"replicas beside a scaler": {httpFile, "  # No replicas", "  replicas: 3\n  # No replicas", "each apply would set"},
	"no request of CPU":        {httpFile, "cpu: 250m, ", "", "without a request of CPU"},
	"one replica":              {httpFile, "minReplicas: 2", "minReplicas: 1", "not two replicas"},
	"no headless Service":      {etcdFile, "serviceName: etcd", "serviceName: etcd-peers", "no headless Service"},

	"an unknown variable":   {baseFile, "DB_CONNS=16", "DB_CONNECTIONS=16", "rpc-server: it takes no variable DB_CONNECTIONS"},
	"another's variable":    {baseFile, "DRAIN_DELAY=10s", "RPC_ADDR=:1", "http-server: it takes no variable RPC_ADDR"},
	"no such ConfigMap":     {httpFile, "configMapRef: {name: http-server}", "configMapRef: {name: http}", "there is no ConfigMap"},
	"a variable after use":  {rpcFile, "- {name: RPC_ADDR, value: \":8888\"}", "- {name: RPC_ADDR, value: \"$(POD_IP):8888\"}", "nothing replaces a part of RPC_ADDR"},
	"a file without Secret": {baseFile, "/run/secrets/database/password", "/run/secrets/db/password", "no Secret is mounted"},
	"a password in the DSN": {insideFile, "im@tcp", "im:im@tcp", "MYSQL_DSN has a password"},
	"an open secret":        {insideFile, "ALLOWED_HOSTS=", "ALLOWED_HOSTS=0123456789abcdef,", "http-server"},
	"a long drain":          {baseFile, "DRAIN_DELAY=3s", "DRAIN_DELAY=20s", "rpc-server: it is killed before"},
	"too many connections":  {rpcFile, "maxReplicas: 6", "maxReplicas: 10", "more connections than the database"},

	"etcd's name":          {baseFile, "etcd-2.etcd:2379", "etcd-2.etc:2379", `"etcd-2.etc:2379" names no Service`},
	"etcd's pod":           {baseFile, "etcd-2.etcd:2379", "etcd-3.etcd:2379", `"etcd-3.etcd:2379" names no pod`},
	"etcd's port":          {baseFile, "etcd-2.etcd:2379", "etcd-2.etcd:2378", "Service etcd has no such port"},
	"etcd's members":       {etcdFile, "replicas: 3", "replicas: 5", "--initial-cluster"},
	"the database's name":  {insideFile, "tcp(mysql:3306)", "tcp(database:3306)", `"database:3306" names no Service`},
	"an address of no pod": {rpcFile, `"$(POD_IP):8888"`, `"rpc-server:8888"`, "gateways cannot reach"},
	"a port of nobody":     {rpcFile, `"$(POD_IP):8888"`, `"$(POD_IP):8889"`, "gateways cannot reach"},

	"no way to etcd":           {networkFile, "- {protocol: TCP, port: 2379}", "- {protocol: TCP, port: 2380}", "http-server to TCP etcd:2379: passes false"},
	"no way to the database":   {wayFile, "policyTypes: [Egress]\n  egress:\n    - to:\n        - podSelector:\n            matchLabels: {app.kubernetes.io/name: mysql}", "policyTypes: [Egress]\n  egress:\n    - to:\n        - podSelector:\n            matchLabels: {app.kubernetes.io/name: etcd}", "rpc-server to TCP mysql:3306: passes false"},
	"no way outside":           {outFile, "port: 3306", "port: 3307", "rpc-server to TCP outside:3306: passes false"},
	"each way outside":         {outFile, "    - ports:\n        - {protocol: TCP, port: 3306}", "    - {}", "rpc-server to TCP outside:443: passes true"},
	"no way to names":          {networkFile, "values: [http-server, rpc-server, etcd]", "values: [http-server, etcd]", "rpc-server to UDP DNS:53: passes false"},
	"a database for everybody": {wayFile, "    - from:\n        - podSelector:\n            matchLabels: {app.kubernetes.io/name: rpc-server}\n      ports:", "    - ports:", "outside to TCP mysql:3306: passes true"},
	"open to the outside":      {networkFile, "    - from:\n        - podSelector:\n            matchLabels: {app.kubernetes.io/name: http-server}\n      ports:", "    - ports:", "outside to TCP rpc-server:8888: passes true"},
	"no default":               {networkFile, "  podSelector: {}\n  policyTypes: [Ingress, Egress]", "  podSelector: {}\n  policyTypes: [Ingress]", "no policy that denies all"},

	"root":               {httpFile, "runAsUser: 65532", "runAsUser: 0", "http-server: it may be root"},
	"a writable root":    {mysqlFile, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "mysql: it may write its root"},
	"a capability":       {etcdFile, "drop: [ALL]", "drop: [ALL], add: [NET_RAW]", "etcd: it has capabilities"},
	"any system call":    {rpcFile, "        seccompProfile: {type: RuntimeDefault}\n", "", "rpc-server: it may make any call"},
	"an open namespace":  {"base/namespace.yaml", "enforce: restricted", "enforce: baseline", "takes pods that are not restricted"},
	"a token":            {rpcFile, "automountServiceAccountToken: false", "automountServiceAccountToken: true", "rpc-server: it has a token"},
	"no limit of memory": {rpcFile, "            limits: {memory: 1Gi}\n", "", "no limit of memory"},
	"no such volume":     {mysqlFile, "{name: tmp, mountPath: /tmp}", "{name: temp, mountPath: /tmp}", "there is no volume temp"},
	"no such Secret":     {rpcFile, "secretName: database", "secretName: db", "there is no Secret db"},
}
