// Go's net/http as people use it: what a server costs that is made of a language's own parts. Shown where `go` is there.
//
//	usage: gohttp PORT CERTIFICATE KEY [PATH=FILE]…
//
// With a CERTIFICATE that is not empty it speaks TLS.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	port, certificate, key := os.Args[1], os.Args[2], os.Args[3]
	http.HandleFunc("/healthz", func(answer http.ResponseWriter, _ *http.Request) {
		answer.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(answer, "ok\n")
	})
	for _, argument := range os.Args[4:] {
		path, file, _ := strings.Cut(argument, "=")
		http.HandleFunc(path, func(answer http.ResponseWriter, request *http.Request) {
			http.ServeFile(answer, request, file)
		})
	}
	if certificate != "" {
		log.Fatal(http.ListenAndServeTLS("127.0.0.1:"+port, certificate, key, nil))
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
