// Package openapi holds the contract of the HTTP API, and the page on which people
// read and try it. It knows nothing of the gateway, which serves both.
package openapi

import _ "embed" // for the document

// Path is where the document is served.
const Path = "/openapi.yaml"

//go:embed openapi.yaml
var document string

// Document returns the contract: OpenAPI 3.1, in YAML.
func Document() string { return document }
