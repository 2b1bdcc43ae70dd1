// What a handler gets and gives: a request and its response, without a socket. Pure.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kpr::http {

struct Request {
  std::string method;  // "GET"
  std::string target;  // path and query as sent
  std::string body;
  std::string accept_language, accept_encoding, if_none_match;
  std::string host, content_type;
  std::string fetch_site;          // Sec-Fetch-Site, by which a browser tells whose page asks
  std::string client_certificate;  // the header of a front (access/client_certificate.h)
};

struct Response {
  int status = 200;
  std::string content_type;  // of the body; empty: no body
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // more of them; names and values are ours
  std::string failure;  // for the operator's log, not the caller: what went wrong on our side
  bool pinned = false;  // of one release: never another content at this address
};

// A request's target in its parts, percent-decoded. Names of parameters as written.
struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;

  // Empty where it is not there.
  std::string Get(const std::string& name) const;
  bool Has(const std::string& name) const;
};
// False: the target is not a path with a query, or an escape in it is none.
bool ParseTarget(const std::string& target, Target* parsed);

std::string PercentEncoded(const std::string& text);
std::string LowerCase(std::string text);
// Whether '*' (any characters) and '?' (one) of the pattern make it the text, without regard to case.
bool Matches(const std::string& pattern, const std::string& text);

}  // namespace kpr::http
