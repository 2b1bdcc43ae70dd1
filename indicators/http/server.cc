#include "indicators/http/server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <filesystem>
#include <map>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/limits.h"
#include "base/mutex.h"

namespace kpr::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using asio::ip::tcp;
using asio::local::stream_protocol;
using Stream = beast::basic_stream<asio::generic::stream_protocol>;
using boost::system::error_code;

// An answer's body where it lies: kept answers are sent to many at once.
struct SharedBody {
  using value_type = std::shared_ptr<const Response>;
  static std::uint64_t size(const value_type& value) { return value->body.size(); }

  class writer {  // NOLINT(readability-identifier-naming): Beast's name
   public:
    using const_buffers_type = asio::const_buffer;
    template <bool kRequest, class Fields>
    writer(const wire::header<kRequest, Fields>&, const value_type& value) : value_(value) {}
    void init(error_code& error) { error = {}; }
    boost::optional<std::pair<const_buffers_type, bool>> get(error_code& error) {
      error = {};
      return {{const_buffers_type(value_->body.data(), value_->body.size()), false}};
    }

   private:
    const value_type& value_;
  };
};

constexpr std::chrono::milliseconds kAcceptPause{100};

std::string Text(beast::string_view view) {
  return {view.data(), view.size()};
}

Request RequestOf(wire::request<wire::string_body>& parsed, const std::string& certificate_header) {
  Request request;
  request.method = Text(parsed.method_string());
  request.target = Text(parsed.target());
  request.accept_language = Text(parsed[wire::field::accept_language]);
  request.accept_encoding = Text(parsed[wire::field::accept_encoding]);
  request.if_none_match = Text(parsed[wire::field::if_none_match]);
  request.host = Text(parsed[wire::field::host]);
  request.content_type = Text(parsed[wire::field::content_type]);
  request.fetch_site = Text(parsed["Sec-Fetch-Site"]);
  // A header twice is none: whose it is could not be told.
  if (!certificate_header.empty() && parsed.count(certificate_header) == 1)
    request.client_certificate = Text(parsed[certificate_header]);
  request.body = std::move(parsed.body());
  return request;
}

// The answers that readers are taking, each counted once however many take it: their bytes are bounded.
class BeingSent {
 public:
  class Place {
   public:
    Place(BeingSent* of, std::shared_ptr<const Response> answer)
        : of_(of), answer_(std::move(answer)), given_(of->Enter(*answer_)) {}
    ~Place() {
      if (given_) of_->Leave(*answer_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    bool given() const { return given_; }

   private:
    BeingSent* of_;
    std::shared_ptr<const Response> answer_;
    bool given_;
  };

 private:
  bool Enter(const Response& answer) {
    const MutexLock lock(mutex_);
    const auto found = readers_.find(&answer);
    if (found != readers_.end()) {
      ++found->second;
      return true;
    }
    if (bytes_ + answer.body.size() > limits::kHttpWaitingBytes) return false;
    bytes_ += answer.body.size();
    readers_[&answer] = 1;
    return true;
  }
  void Leave(const Response& answer) {
    const MutexLock lock(mutex_);
    const auto found = readers_.find(&answer);
    if (--found->second > 0) return;
    bytes_ -= answer.body.size();
    readers_.erase(found);
  }

  Mutex mutex_;
  std::map<const Response*, int> readers_ KPR_GUARDED_BY(mutex_);
  uint64_t bytes_ KPR_GUARDED_BY(mutex_) = 0;
};

std::shared_ptr<const Response> Rejected(int status, const std::string& why) {
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body =
      fmt::format(R"({{"type":"about:blank","title":"Refused","status":{},"detail":"{}"}})", status, why);
  response.headers.emplace_back("Connection", "close");
  return std::make_shared<const Response>(std::move(response));
}

int StatusFor(const error_code& error) {
  if (error == wire::error::body_limit) return 413;
  if (error == wire::error::header_limit) return 431;
  return 400;
}

}  // namespace

class Server::State {
 public:
  State(const ServerOptions& options, Handler handler) : options_(options), handler_(std::move(handler)) {}
  ~State() {
    context_.stop();
    for (std::thread& thread : threads_) thread.join();
  }

  Status Listen() {
    KPR_RETURN_IF_ERROR(options_.listen.starts_with("unix:") ? ListenToSocket() : ListenToPort());
    for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { context_.run(); });
    return {};
  }
  int port() const { return port_; }

 private:
  Status ListenToPort() {
    const size_t colon = options_.listen.rfind(':');
    const std::string host = options_.listen.substr(0, colon);
    error_code error;
    const auto address = asio::ip::make_address(host.starts_with('[') ? host.substr(1, host.size() - 2)
                                                : host == "localhost" ? "127.0.0.1"
                                                                      : host,
                                                error);
    const int port = colon == std::string::npos ? -1 : std::atoi(options_.listen.c_str() + colon + 1);
    if (error || port < 0 || port > 65535)
      return Invalid(fmt::format("{} {}: expected an address and a port, such as 127.0.0.1:8080",
                                 options_.option, options_.listen));
    tcp::acceptor acceptor(context_);
    KPR_RETURN_IF_ERROR(Open(tcp::endpoint(address, static_cast<uint16_t>(port)), acceptor));
    port_ = acceptor.local_endpoint(error).port();
    asio::co_spawn(context_, Accept(std::move(acceptor)), asio::detached);
    return {};
  }

  Status ListenToSocket() {
    const std::string path = options_.listen.substr(sizeof("unix:") - 1);
    if (path.empty() || path.size() > 100)
      return Invalid(fmt::format("{} {}: expected a path of 1 to 100 bytes after unix:", options_.option,
                                 options_.listen));
    std::error_code ignored;
    if (std::filesystem::is_socket(path, ignored))
      std::filesystem::remove(path, ignored);  // of an earlier run
    stream_protocol::acceptor acceptor(context_);
    KPR_RETURN_IF_ERROR(Open(stream_protocol::endpoint(path), acceptor));
    asio::co_spawn(context_, Accept(std::move(acceptor)), asio::detached);
    return {};
  }

  template <typename Acceptor>
  Status Open(const typename Acceptor::endpoint_type& endpoint, Acceptor& acceptor) {
    error_code error;
    (void)acceptor.open(endpoint.protocol(), error);
    if (!error) (void)acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) (void)acceptor.bind(endpoint, error);
    if (!error) (void)acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return Unavailable(fmt::format("{} {}: {}", options_.option, options_.listen, error.message()));
    return {};
  }

  template <typename Acceptor>
  asio::awaitable<void> Accept(Acceptor acceptor) {
    for (;;) {
      error_code error;
      auto socket = co_await acceptor.async_accept(asio::make_strand(context_),
                                                   asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted) co_return;
      if (error) {
        // Out of descriptors or the like: later there may be some.
        asio::steady_timer pause(context_, kAcceptPause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      if (open_.fetch_add(1) >= limits::kHttpConnections) {
        open_.fetch_sub(1);
        continue;  // closes it
      }
      if constexpr (std::is_same_v<Acceptor, tcp::acceptor>)
        (void)socket.set_option(tcp::no_delay(true), error);
      auto executor = socket.get_executor();
      asio::co_spawn(executor, Talk(Stream(asio::generic::stream_protocol::socket(std::move(socket)))),
                     [this](const std::exception_ptr& thrown) {
                       open_.fetch_sub(1);
                       if (thrown && options_.on_failure)
                         options_.on_failure("a connection ended by an exception");
                     });
    }
  }

  // One connection, from its first request to its last.
  asio::awaitable<void> Talk(Stream stream) {
    error_code error;
    beast::flat_buffer buffer(limits::kHttpHeaderBytes + 4096);
    for (bool more = true; more;) {
      wire::request_parser<wire::string_body> parser;
      parser.header_limit(limits::kHttpHeaderBytes);
      parser.body_limit(limits::kHttpBodyBytes);
      stream.expires_after(std::chrono::seconds(limits::kHttpSeconds));
      co_await wire::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
      if (error == wire::error::end_of_stream || error == beast::error::timeout) break;
      const bool refused = bool(error);
      if (refused && error.category() != wire::make_error_code(wire::error::bad_method).category()) break;
      std::shared_ptr<const Response> answer;
      const unsigned version = refused ? 11 : parser.get().version();
      bool head = false;
      if (refused) {
        answer = Rejected(StatusFor(error), error.message());
      } else {
        more = parser.get().keep_alive();
        Request request = RequestOf(parser.get(), options_.certificate_header);
        head = request.method == "HEAD";
        answer = handler_(request);
      }
      more = more && !refused;
      const BeingSent::Place place(&being_sent_, answer);
      if (!place.given()) {
        answer = Rejected(503, "too many large answers wait for slow readers; try again later");
        more = false;
      }
      stream.expires_after(std::chrono::seconds(limits::kHttpSeconds));
      co_await Write(stream, std::move(answer), version, head, more, error);
      if (error) break;
    }
    (void)stream.socket().shutdown(asio::socket_base::shutdown_send, error);
  }

  asio::awaitable<void> Write(Stream& stream, std::shared_ptr<const Response> answer, unsigned version,
                              bool head, bool more, error_code& error) {
    const Response& from = *answer;
    wire::response<SharedBody> message{static_cast<wire::status>(from.status), version};
    for (const auto& [name, value] : from.headers) message.set(name, value);
    if (!from.content_type.empty()) message.set(wire::field::content_type, from.content_type);
    message.keep_alive(more);
    message.content_length(from.body.size());
    if (from.status == 304 || from.status == 204) message.erase(wire::field::content_length);
    message.body() = std::move(answer);
    wire::response_serializer<SharedBody> serializer(message);
    if (head || from.status == 304 || from.status == 204) {
      co_await wire::async_write_header(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
    } else {
      co_await wire::async_write(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
    }
  }

  const ServerOptions options_;
  const Handler handler_;
  BeingSent being_sent_;  // outlives the connections, which end with the context
  asio::io_context context_;
  std::atomic<int> open_ = 0;
  int port_ = 0;
  std::vector<std::thread> threads_;
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;
int Server::port() const {
  return state_->port();
}

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Handler handler) {
  auto state = std::make_unique<State>(options, std::move(handler));
  KPR_RETURN_IF_ERROR(state->Listen());
  return std::make_unique<Server>(std::move(state));
}

}  // namespace kpr::http
