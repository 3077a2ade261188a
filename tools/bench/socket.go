//go:build unix

package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// socket is a WebSocket of a client of our own that does no more than is
// measured: it is one of many on the processors that they measure.
type socket struct{ *client }

// openSocket connects to /realtime by a token.
func openSocket(ctx context.Context, address, token string) (*socket, error) {
	c, err := dial(ctx, address)
	if err != nil {
		return nil, err
	}
	s := &socket{c}
	if err := s.greet(token); err != nil {
		_ = c.conn.Close()
		return nil, err
	}
	return s, nil
}

func (s *socket) greet(token string) error {
	if err := s.conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return err
	}
	_, err := io.WriteString(s.conn, "GET /realtime HTTP/1.1\r\nHost: "+s.address+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	if err != nil {
		return err
	}
	resp, err := http.ReadResponse(s.in, nil)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("/realtime: %s", resp.Status)
	}
	if err := s.send(connectCommand(token)); err != nil {
		return err
	}
	answer, err := s.receive()
	if err != nil {
		return err
	}
	if !strings.Contains(answer, `"connect"`) {
		return fmt.Errorf("/realtime: %s", answer)
	}
	return s.conn.SetDeadline(time.Time{})
}

// send writes one short text frame, masked with zeros.
func (s *socket) send(text string) error {
	head := []byte{0x81, 0x80 | 126}
	head = binary.BigEndian.AppendUint16(head, uint16(len(text)))
	_, err := s.conn.Write(append(append(head, 0, 0, 0, 0), text...))
	return err
}

// receive returns the next text frame, and answers pings.
func (s *socket) receive() (string, error) {
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(s.in, head); err != nil {
			return "", err
		}
		size := uint64(head[1] & 0x7f)
		if extra := map[uint64]int{126: 2, 127: 8}[size]; extra > 0 {
			long := make([]byte, 8)
			if _, err := io.ReadFull(s.in, long[8-extra:]); err != nil {
				return "", err
			}
			size = binary.BigEndian.Uint64(long)
		}
		if size > 1<<20 {
			return "", fmt.Errorf("/realtime: a frame of %d bytes", size)
		}
		body := make([]byte, size)
		if _, err := io.ReadFull(s.in, body); err != nil {
			return "", err
		}
		switch text := string(body); {
		case head[0]&0x0f == 8:
			return "", fmt.Errorf("/realtime: closed: %s", text[min(2, len(text)):])
		case strings.TrimSpace(text) == "{}": // a ping
			if err := s.send("{}"); err != nil {
				return "", err
			}
		default:
			return text, nil
		}
	}
}
