package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	eachWithin = 20 * time.Second
	largeBytes = 3 << 20
	chatTurns  = 50
	repeats    = 500
	callers    = 40
)

type check struct {
	name string
	run  func(context.Context, *grpc.ClientConn) error
}

var checks = []check{
	{"unary", checkUnary},
	{"unary with a large message", checkLarge},
	{"metadata in headers and trailers", checkMetadata},
	{"an error with its message and trailers", checkError},
	{"server streaming", checkRepeat},
	{"client streaming", checkSum},
	{"bidirectional streaming, each answer before the next request", checkChat},
	{"a deadline reaches the server and ends the call", checkDeadline},
	{"a call that the client cancels", checkCancel},
	{"an unknown method", checkUnknown},
	{"many calls at once on one connection", checkMany},
}

func runClient(address, ca string) error {
	transport := insecure.NewCredentials()
	if ca != "" {
		trusted, err := credentials.NewClientTLSFromFile(ca, "localhost")
		if err != nil {
			return err
		}
		transport = trusted
	}
	connection, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodec(bytesCodec{}),
			grpc.MaxCallRecvMsgSize(messageBytesMax),
			grpc.MaxCallSendMsgSize(messageBytesMax)))
	if err != nil {
		return err
	}
	defer connection.Close()
	for _, check := range checks {
		ctx, cancel := context.WithTimeout(context.Background(), eachWithin)
		problem := ""
		if err := check.run(ctx, connection); err != nil {
			problem = err.Error()
		}
		cancel()
		_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"name": check.name, "problem": problem})
	}
	return nil
}

func call(ctx context.Context, connection *grpc.ClientConn, method string, request []byte, options ...grpc.CallOption) ([]byte, error) {
	var response []byte
	err := connection.Invoke(ctx, "/interop.Peer/"+method, &request, &response, options...)
	return response, err
}

func expect(what string, wanted, seen any) error {
	if fmt.Sprint(wanted) != fmt.Sprint(seen) {
		return fmt.Errorf("%s: expected %v, seen %v", what, wanted, seen)
	}
	return nil
}

func checkUnary(ctx context.Context, connection *grpc.ClientConn) error {
	for _, text := range []string{"", "hello", "\x00\x01\xff"} {
		response, err := call(ctx, connection, "Echo", []byte(text))
		if err != nil {
			return err
		}
		if string(response) != text {
			return fmt.Errorf("expected %q, seen %q", text, response)
		}
	}
	return nil
}

func checkLarge(ctx context.Context, connection *grpc.ClientConn) error {
	message := bytes.Repeat([]byte("0123456789abcdef"), largeBytes/16)
	response, err := call(ctx, connection, "Echo", message)
	if err != nil {
		return err
	}
	if !bytes.Equal(response, message) {
		return fmt.Errorf("%d bytes came back changed, %d were sent", len(response), len(message))
	}
	return nil
}

func checkMetadata(ctx context.Context, connection *grpc.ClientConn) error {
	var header, trailer metadata.MD
	ctx = metadata.AppendToOutgoingContext(ctx, "x-say", "a value")
	_, err := call(ctx, connection, "Echo", nil, grpc.Header(&header), grpc.Trailer(&trailer))
	if err != nil {
		return err
	}
	if err := expect("header", []string{"a value"}, header.Get("x-header")); err != nil {
		return err
	}
	if err := expect("binary header", []string{"\x00\xff\x10"}, header.Get("x-bin")); err != nil {
		return err
	}
	return expect("trailer", []string{"a value"}, trailer.Get("x-trailer"))
}

func checkError(ctx context.Context, connection *grpc.ClientConn) error {
	var trailer metadata.MD
	_, err := call(ctx, connection, "Fail", []byte("x"), grpc.Trailer(&trailer))
	if err := expect("code", codes.FailedPrecondition, status.Code(err)); err != nil {
		return err
	}
	if err := expect("message", "not today: x é%\n", status.Convert(err).Message()); err != nil {
		return err
	}
	return expect("trailer", []string{"because"}, trailer.Get("x-why"))
}

func open(ctx context.Context, connection *grpc.ClientConn, method string) (grpc.ClientStream, error) {
	return connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/interop.Peer/"+method)
}

func checkRepeat(ctx context.Context, connection *grpc.ClientConn) error {
	stream, err := open(ctx, connection, "Repeat")
	if err != nil {
		return err
	}
	request := []byte(fmt.Sprint(repeats))
	if err := stream.SendMsg(&request); err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for index := range repeats {
		var answer []byte
		if err := stream.RecvMsg(&answer); err != nil {
			return fmt.Errorf("answer %d: %w", index+1, err)
		}
		if err := expect("answer", fmt.Sprintf("%d of %d", index+1, repeats), string(answer)); err != nil {
			return err
		}
	}
	var more []byte
	return expect("end", "EOF", stream.RecvMsg(&more))
}

func checkSum(ctx context.Context, connection *grpc.ClientConn) error {
	stream, err := open(ctx, connection, "Sum")
	if err != nil {
		return err
	}
	total := 0
	for size := range 300 {
		request := make([]byte, size*10)
		total += len(request)
		if err := stream.SendMsg(&request); err != nil {
			return err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	var answer []byte
	if err := stream.RecvMsg(&answer); err != nil {
		return err
	}
	return expect("sum", total, string(answer))
}

func checkChat(ctx context.Context, connection *grpc.ClientConn) error {
	stream, err := open(ctx, connection, "Chat")
	if err != nil {
		return err
	}
	for turn := range chatTurns {
		request := []byte(fmt.Sprint(turn))
		if err := stream.SendMsg(&request); err != nil {
			return err
		}
		var answer []byte
		if err := stream.RecvMsg(&answer); err != nil {
			return fmt.Errorf("turn %d: %w", turn, err)
		}
		if err := expect("answer", fmt.Sprintf("you said %d", turn), string(answer)); err != nil {
			return err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	var more []byte
	return expect("end", "EOF", stream.RecvMsg(&more))
}

func checkDeadline(ctx context.Context, connection *grpc.ClientConn) error {
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err := call(short, connection, "Hang", nil)
	// The server gives the call up at the same moment, and a client that is late hears of that first.
	end, _ := short.Deadline()
	if status.Code(err) == codes.Unavailable && time.Now().After(end) {
		return nil
	}
	return expect("code", codes.DeadlineExceeded, status.Code(err))
}

func checkCancel(ctx context.Context, connection *grpc.ClientConn) error {
	short, cancel := context.WithCancel(ctx)
	stream, err := open(short, connection, "Chat")
	if err != nil {
		cancel()
		return err
	}
	request := []byte("x")
	if err := stream.SendMsg(&request); err != nil {
		cancel()
		return err
	}
	var answer []byte
	if err := stream.RecvMsg(&answer); err != nil {
		cancel()
		return err
	}
	cancel()
	if err := expect("code", codes.Canceled, status.Code(stream.RecvMsg(&answer))); err != nil {
		return err
	}
	// The connection is as good as before.
	return checkUnary(ctx, connection)
}

func checkUnknown(ctx context.Context, connection *grpc.ClientConn) error {
	_, err := call(ctx, connection, "Nothing", nil)
	return expect("code", codes.Unimplemented, status.Code(err))
}

func checkMany(ctx context.Context, connection *grpc.ClientConn) error {
	var group sync.WaitGroup
	problems := make(chan error, callers)
	for range callers {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 10 {
				if err := checkUnary(ctx, connection); err != nil {
					problems <- err
					return
				}
			}
		}()
	}
	group.Wait()
	close(problems)
	return <-problems
}
