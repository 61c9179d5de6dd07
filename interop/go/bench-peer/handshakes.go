package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const dialWithin = 10 * time.Second

// handshakes opens connection after connection, each for one request. With resume all but the first resume a session;
// each lane has sessions of its own, and uses each ticket once, as TLS 1.3 wants it.
func handshakes(asked *load) error {
	config := &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", NextProtos: []string{"http/1.1"}}
	if asked.resume {
		config.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	}
	for time.Now().Before(asked.until) {
		resumed, err := oneRequest(asked.address, config)
		if err != nil {
			return err
		}
		asked.done.Add(1)
		if resumed {
			asked.resumed.Add(1)
		}
	}
	return nil
}

func oneRequest(address string, config *tls.Config) (bool, error) {
	socket, err := net.DialTimeout("tcp", address, dialWithin)
	if err != nil {
		return false, err
	}
	defer socket.Close()
	_ = socket.SetDeadline(time.Now().Add(dialWithin))
	connection := tls.Client(socket, config)
	if _, err := connection.Write([]byte("GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")); err != nil {
		return false, err
	}
	// Who waits for the end instead waits for Envoy's delayed_close_timeout.
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return false, err
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return false, err
	}
	if response.StatusCode != http.StatusOK {
		return false, fmt.Errorf("expected 200, seen %d", response.StatusCode)
	}
	return connection.ConnectionState().DidResume, nil
}
