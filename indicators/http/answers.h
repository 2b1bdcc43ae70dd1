// Answers as they go over the wire: with validators, caching, coding and CORS, kept for the next who ask the
// same until something new is published. Thread-safe.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "indicators/http/compression.h"
#include "indicators/http/routes.h"

namespace kpr::http {

class Answers {
 public:
  // Both outlive it.
  Answers(const Router* router, Library* library) : router_(router), library_(library) {}
  // Never null. A HEAD or 304 has no body.
  std::shared_ptr<const Response> Answer(const Request& request);

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<const Response> response;
  };
  std::shared_ptr<const Response> Find(const std::string& key, uint64_t generation);
  void Keep(const std::string& key, uint64_t generation, const std::shared_ptr<const Response>& response);

  const Router* router_;
  Library* library_;
  Mutex mutex_;
  std::list<Kept> kept_ KPR_GUARDED_BY(mutex_);  // most recently used first
  std::map<std::string, std::list<Kept>::iterator> by_key_ KPR_GUARDED_BY(mutex_);
  size_t bytes_ KPR_GUARDED_BY(mutex_) = 0;
  uint64_t generation_ KPR_GUARDED_BY(mutex_) = 0;
};

}  // namespace kpr::http
