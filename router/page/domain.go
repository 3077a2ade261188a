package page

import "regexp"

const maxDomain = 255 // bytes

// It is written into a content security policy, so nothing else may fit.
var domainPattern = regexp.MustCompile(`^(https?://)?(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:[0-9]{1,5})?$`)

// IsDomain reports whether s says whose pages are meant: a host, "*." before it
// for its subdomains, with a scheme and a port where these matter, and no path.
func IsDomain(s string) bool { return len(s) <= maxDomain && domainPattern.MatchString(s) }
