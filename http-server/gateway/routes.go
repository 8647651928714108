package gateway

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/protocol/consts"
	"github.com/cloudwego/hertz/pkg/route"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/asset"
	"example.com/im/http-server/fault"
	"example.com/im/http-server/openapi"
)

// addRoutes adds middleware and handlers.
func (s *Server) addRoutes(h *server.Hertz) {
	h.Use(s.observe, s.recover)
	h.Use(s.guard.OfAll()...)
	s.call(h, pingPath, s.ping)
	s.call(h, healthPath, s.healthz)
	s.call(h, readyPath, s.readyz)
	files := h.Group("", s.guard.OfFiles()...)
	s.addPage(files)
	addFiles(files, openapi.Files())

	api := h.Group("/api", s.guard.OfCalls()...)
	s.post(api, "/send", handler(s, parseSend, s.send))
	s.call(api, "/pull", handler(s, parsePull, s.pull))
	s.call(api, "/pull/messages", handler(s, parsePull, s.pull)) // a path of older clients
	s.call(api, "/chats", handler(s, parseChats, s.chats))
	s.call(api, "/sync", handler(s, parseSync, s.sync))
	s.post(api, "/members", handler(s, parseChange, s.changeMembers))
	s.call(api, "/members", handler(s, parseMembers, s.members))
	s.post(api, "/read", handler(s, parseRead, s.read))

	h.NoMethod(s.noMethod(h.Routes()))
	h.NoRoute(s.noRoute)
}

// call adds the handler of a call for GET, and for the same path with a slash at its end:
// to redirect a client there would lose the body of its request.
func (s *Server) call(r route.IRoutes, path string, handler app.HandlerFunc) {
	get(r, path, handler)
	get(r, path+"/", handler)
}

// post is call for POST.
func (s *Server) post(r route.IRoutes, path string, handler app.HandlerFunc) {
	r.POST(path, handler)
	r.POST(path+"/", handler)
}

// get adds a handler for GET, and for HEAD, with which load balancers ask.
func get(r route.IRoutes, path string, handler app.HandlerFunc) {
	r.GET(path, handler)
	r.HEAD(path, handler)
}

// addFiles adds files that are served as they are.
func addFiles(r route.IRoutes, files []asset.File) {
	for _, file := range files {
		get(r, file.Path, func(_ context.Context, c *app.RequestContext) { answer.File(c, file) })
	}
}

// noRoute answers for paths that do not exist.
func (s *Server) noRoute(ctx context.Context, c *app.RequestContext) {
	s.answer.Error(ctx, c, &fault.Error{Code: fault.NotFound, Message: "there is nothing at this path"})
}

// noMethod answers for methods for which a path has no handler. OPTIONS is one of them
// on every path; its answer says which methods there are.
func (s *Server) noMethod(routes route.RoutesInfo) app.HandlerFunc {
	allowed := make(map[string]string) // path → the header's value
	for _, r := range routes {
		if allowed[r.Path] == "" {
			allowed[r.Path] = consts.MethodOptions
		}
		allowed[r.Path] += ", " + r.Method
	}
	return func(ctx context.Context, c *app.RequestContext) {
		c.Response.Header.Set("Allow", allowed[string(c.Path())])
		if string(c.Method()) == consts.MethodOptions {
			c.SetStatusCode(http.StatusNoContent)
			return
		}
		s.answer.Error(ctx, c, &fault.Error{Code: fault.MethodNotAllowed, Message: "this path does not have the method"})
	}
}
