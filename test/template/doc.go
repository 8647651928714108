// Package template holds the client of the well-known template, generated from its own
// contract. A test shows that such clients work unchanged.
package template

// The generator is the one that module idl pins.
//go:generate go tool -modfile=../../idl/go.mod kitex -module example.com/im/test -gen-path gen template.thrift
