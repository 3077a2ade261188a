package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/spf13/cobra"

	"relevo/bot/dialogflow/emulator"
	"relevo/config"
)

func emulatorCommand() *cobra.Command {
	var agent, listen string
	c := &cobra.Command{
		Use:   "emulator",
		Short: "Serve an exported Dialogflow ES agent on its own gRPC interface",
		Long: "Serve an exported Dialogflow ES agent (a folder or a zip) to the official clients.\n" +
			"Without --agent it serves the demonstration agent. Traffic is plain text and\nwithout credentials: for development and tests only.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			listener, err := net.Listen("tcp", listen)
			if err != nil {
				return err
			}
			stop, err := emulate(agent, listener)
			if err != nil {
				return err
			}
			defer stop()
			fmt.Fprintf(cmd.OutOrStdout(), "Dialogflow emulator on %s\n", listener.Addr())
			<-cmd.Context().Done()
			return nil
		},
	}
	c.Flags().StringVar(&agent, "agent", config.EmulatorDemo, "exported agent: a folder, a zip, or \"demo\"")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:9797", "host:port")
	return c
}

// loadAgent loads an exported agent, or the demonstration's.
func loadAgent(name string) (*emulator.Agent, error) {
	load := func() (*emulator.Agent, error) { return emulator.Load(filepath.Clean(name)) }
	switch name {
	case "":
		return nil, errors.New("--agent needs a folder, a zip, or \"demo\"")
	case config.EmulatorDemo:
		load = emulator.Demo
	}
	a, err := load()
	if err != nil {
		return nil, fmt.Errorf("agent %s: %w", name, err)
	}
	return a, nil
}

// emulate serves an agent on a listener until stop is called.
func emulate(agent string, listener net.Listener) (stop func(), err error) {
	loaded, err := loadAgent(agent)
	if err != nil {
		listener.Close()
		return nil, err
	}
	server := emulator.New(emulator.Options{Agents: map[string]*emulator.Agent{"": loaded}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Stop
	}()
	return func() { server.Stop(); <-done }, nil
}

// emulateLocally serves an agent on a free loopback port and returns where.
func emulateLocally(ctx context.Context, agent string) (address string, stop func(), err error) {
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	stop, err = emulate(agent, listener)
	return listener.Addr().String(), stop, err
}
