//go:build !unix || aix || solaris || illumos

package routertest

// localServer does not start a server on systems without file locks.
func localServer() (string, error) { return "", errNoPostgres }
