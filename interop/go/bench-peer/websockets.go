package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	textBytes = 64
	mask      = 0x2a
)

var upgradeRequest = []byte("GET /socket HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")

// The answer to that key (RFC 6455, section 1.3).
var upgradeResponse = []byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")

// websockets sends a text frame, awaits its echo, and sends the next.
func websockets(asked *load) error {
	socket, reader, err := openWebsocket(asked.address)
	if err != nil {
		return err
	}
	defer socket.Close()
	sent, wanted := frames()
	seen := make([]byte, len(wanted))
	for time.Now().Before(asked.until) {
		if _, err := socket.Write(sent); err != nil {
			return err
		}
		if _, err := io.ReadFull(reader, seen); err != nil {
			return err
		}
		if !bytes.Equal(seen, wanted) {
			return fmt.Errorf("expected the echo of a frame, seen %q", seen)
		}
		asked.done.Add(1)
	}
	return nil
}

func openWebsocket(address string) (net.Conn, *bufio.Reader, error) {
	socket, err := net.DialTimeout("tcp", address, dialWithin)
	if err != nil {
		return nil, nil, err
	}
	_ = socket.SetDeadline(time.Now().Add(5 * time.Minute))
	if _, err := socket.Write(upgradeRequest); err != nil {
		return nil, nil, err
	}
	reader := bufio.NewReader(socket)
	head, err := readHead(reader)
	if err == nil && !strings.HasPrefix(head, "HTTP/1.1 101 ") {
		err = fmt.Errorf("expected 101, seen %q", head)
	}
	return socket, reader, err
}

// frames gives a text frame as a client sends it, masked, and as a server does.
func frames() (masked, plain []byte) {
	text := bytes.Repeat([]byte("echo"), textBytes/4)
	plain = append([]byte{0x81, textBytes}, text...)
	masked = []byte{0x81, 0x80 | textBytes, mask, mask, mask, mask}
	for _, char := range text {
		masked = append(masked, char^mask)
	}
	return masked, plain
}

func readHead(reader *bufio.Reader) (string, error) {
	var head strings.Builder
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return "", err
		}
		head.WriteString(line)
		if line == "\r\n" {
			return head.String(), nil
		}
	}
}

// echoWebsockets answers each frame of its client, which are all alike, with the same text.
func echoWebsockets(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	for {
		socket, err := listener.Accept()
		if err != nil {
			return err
		}
		go echoOne(socket)
	}
}

func echoOne(socket net.Conn) {
	defer socket.Close()
	reader := bufio.NewReader(socket)
	if _, err := readHead(reader); err != nil {
		return
	}
	if _, err := socket.Write(upgradeResponse); err != nil {
		return
	}
	wanted, answer := frames()
	frame := make([]byte, len(wanted))
	for {
		if _, err := io.ReadFull(reader, frame); err != nil || !bytes.Equal(frame, wanted) {
			return
		}
		if _, err := socket.Write(answer); err != nil {
			return
		}
	}
}
