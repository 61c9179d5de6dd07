package main

import "fmt"

// bytesCodec carries *[]byte as they are, so that the tests need no generated messages.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "bytes" }

func (bytesCodec) Marshal(value any) ([]byte, error) {
	bytes, ok := value.(*[]byte)
	if !ok {
		return nil, fmt.Errorf("expected *[]byte, got %T", value)
	}
	return *bytes, nil
}

func (bytesCodec) Unmarshal(data []byte, value any) error {
	bytes, ok := value.(*[]byte)
	if !ok {
		return fmt.Errorf("expected *[]byte, got %T", value)
	}
	*bytes = append([]byte(nil), data...)
	return nil
}
