// Package cluster gives tests real clusters of databases, each on loopback ports of
// the test's own: Galera and MySQL Group Replication of three members each. Their
// members can be killed, frozen, cut off from the others and started again, and an
// [Endpoint] leads clients to the member that serves.
package cluster
