// A gRPC client and server for the interop tests, with messages that are plain bytes:
//
//	grpc-peer server [-cert FILE -key FILE]   prints the port it listens on, and serves until it is killed
//	grpc-peer client -address HOST:PORT [-ca FILE]   runs its checks, prints one line of JSON each
//	grpc-peer xds -address xds:///NAME [-callers N]   calls until SIGTERM, prints what fails, and how many calls it made
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("expected server, client or xds"))
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	address := flags.String("address", "", "where the server is")
	ca := flags.String("ca", "", "certificate to trust; without it there is no TLS")
	cert := flags.String("cert", "", "certificate chain of the server; without it there is no TLS")
	key := flags.String("key", "", "private key of the server")
	callers := flags.Int("callers", 8, "how many calls are made at once")
	_ = flags.Parse(os.Args[2:])
	var err error
	switch os.Args[1] {
	case "server":
		err = serve(*cert, *key)
	case "client":
		err = runClient(*address, *ca)
	case "xds":
		err = keepCalling(*address, *callers)
	default:
		err = fmt.Errorf("expected server, client or xds, got %q", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
