package web

import (
	"net/http"

	"relevo/router/api"
)

// MountDemo serves the demonstration's shop at /. Its policy is as strict as a
// shop's can be: the widget works under it.
func MountDemo(s *api.Server) {
	s.Mount(served("/", "showDemo", "The demonstration's shop", "text/html"), file(demo, "demo/index.html", askEach, shopHeaders))
	s.Mount(served("/ofertas", "showDemoOffers", "The demonstration's page with a campaign", "text/html"), file(demo, "demo/ofertas.html", askEach, shopHeaders))
	s.Mount(served("/contacto", "showDemoContact", "The demonstration's page with questions before the first word", "text/html"), file(demo, "demo/contacto.html", askEach, shopHeaders))
	s.Mount(served("/demo/:file", "getDemoAsset", "A part of the demonstration's shop", "*/*"), shopFiles())
}

func shopFiles() http.Handler {
	handlers := map[string]http.Handler{}
	for _, name := range []string{"shop.css", "shop.js"} {
		handlers["/demo/"+name] = file(demo, "demo/"+name, askEach, shopHeaders)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, there := handlers[r.URL.Path]
		if !there {
			http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func shopHeaders(h http.Header, _ *http.Request) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'"+
		"; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
}
