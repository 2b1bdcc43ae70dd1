#include "app/connect_bridge.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <future>

#include "access/client_certificate.h"
#include "base/limits.h"
#include "indicators/http/compression.h"
#include "kpr/v1/error.pb.h"

namespace kpr {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

constexpr char kPackage[] = "/kpr.v1.";
constexpr std::chrono::seconds kLongestCall{60};
constexpr size_t kLeastCompressed = 512;

struct CodeName {
  const char* name;
  int http_status;
};

// By the tables of the protocol.
CodeName NameOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
      return {"canceled", 499};
    case grpc::StatusCode::INVALID_ARGUMENT:
      return {"invalid_argument", 400};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {"deadline_exceeded", 504};
    case grpc::StatusCode::NOT_FOUND:
      return {"not_found", 404};
    case grpc::StatusCode::ALREADY_EXISTS:
      return {"already_exists", 409};
    case grpc::StatusCode::PERMISSION_DENIED:
      return {"permission_denied", 403};
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return {"resource_exhausted", 429};
    case grpc::StatusCode::FAILED_PRECONDITION:
      return {"failed_precondition", 400};
    case grpc::StatusCode::ABORTED:
      return {"aborted", 409};
    case grpc::StatusCode::OUT_OF_RANGE:
      return {"out_of_range", 400};
    case grpc::StatusCode::UNIMPLEMENTED:
      return {"unimplemented", 501};
    case grpc::StatusCode::INTERNAL:
      return {"internal", 500};
    case grpc::StatusCode::UNAVAILABLE:
      return {"unavailable", 503};
    case grpc::StatusCode::DATA_LOSS:
      return {"data_loss", 500};
    case grpc::StatusCode::UNAUTHENTICATED:
      return {"unauthenticated", 401};
    case grpc::StatusCode::OK:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DO_NOT_USE:
      break;
  }
  return {"unknown", 500};
}

std::string Json(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  return google::protobuf::util::MessageToJsonString(message, &json, options).ok() ? json : std::string();
}

http::Response ErrorResponse(const grpc::Status& status) {
  const CodeName code = NameOf(status.error_code());
  v1::ConnectError error;
  error.set_code(code.name);
  error.set_message(status.error_message());
  v1::RpcStatus details;
  if (details.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& any : details.details()) {
      v1::ConnectErrorDetail* detail = error.add_details();
      detail->set_type(any.type_url().substr(any.type_url().rfind('/') + 1));
      detail->set_value(any.value());
    }
  }
  http::Response response;
  response.status = code.http_status;
  response.content_type = "application/json";
  response.body = Json(error);
  return response;
}

http::Response Refused(int status, const std::string& why) {
  const bool forbidden = status == 403;
  http::Response response =
      ErrorResponse({forbidden ? grpc::StatusCode::PERMISSION_DENIED : grpc::StatusCode::UNIMPLEMENTED, why});
  response.status = status;
  return response;
}

// None: there is no such method.
const MethodDescriptor* FindMethod(const std::string& path) {
  const size_t slash = path.find('/', 1);
  if (slash == std::string::npos) return nullptr;
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(path.substr(1, slash - 1));
  return service == nullptr ? nullptr : service->FindMethodByName(path.substr(slash + 1));
}

std::unique_ptr<Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

grpc::Status Parse(const http::Request& request, bool json, Message* message) {
  if (!json) {
    if (message->ParseFromString(request.body)) return grpc::Status::OK;
    return {grpc::StatusCode::INVALID_ARGUMENT, "the body is no " + message->GetTypeName()};
  }
  const std::string body = request.body.empty() ? "{}" : request.body;
  const auto parsed = google::protobuf::util::JsonStringToMessage(body, message);
  if (parsed.ok()) return grpc::Status::OK;
  return {grpc::StatusCode::INVALID_ARGUMENT,
          "the body is no " + message->GetTypeName() + " in JSON: " + std::string(parsed.message())};
}

grpc::Status MakeCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                      const std::string& certificate, const Message& request, Message* response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kLongestCall);
  if (!certificate.empty()) context.AddMetadata(kCertificateHeader, certificate);
  grpc::TemplatedGenericStub<Message, Message> stub(channel);
  std::promise<grpc::Status> ended;
  stub.UnaryCall(&context, path, {}, &request, response,
                 [&ended](grpc::Status status) { ended.set_value(std::move(status)); });
  return ended.get_future().get();
}

// Of this machine, as its user writes it.
bool IsLoopbackHost(const std::string& host) {
  const std::string name = host.substr(0, host.ends_with(']') ? std::string::npos : host.rfind(':'));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

// Of what a page from elsewhere could make a reader's browser ask with the reader's own certificate.
std::string WhyForeign(const http::Request& request, bool trial) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin" && request.fetch_site != "none")
    return "a page of another site may not call on behalf of its reader";
  if (trial && !IsLoopbackHost(request.host)) return "a trial server answers to localhost alone";
  return "";
}

void Compress(const http::Request& request, http::Response* response) {
  const http::Coding coding = http::CodingFor(request.accept_encoding);
  if (coding == http::Coding::kIdentity || response->body.size() < kLeastCompressed) return;
  std::string compressed = http::Compress(response->body, coding);
  if (compressed.empty()) return;
  response->body = std::move(compressed);
  response->headers.emplace_back("Content-Encoding", http::NameOf(coding));
}

// Printable, as gRPC wants metadata; another header is no certificate.
bool IsHeaderText(const std::string& text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%+/=") ==
         std::string::npos;
}

}  // namespace

std::unique_ptr<ConnectBridge> ConnectBridge::ToFrontSocket(const std::string& socket) {
  return std::unique_ptr<ConnectBridge>(new ConnectBridge(
      grpc::CreateChannel("unix:" + socket, grpc::experimental::LocalCredentials(UDS)), false));
}

std::unique_ptr<ConnectBridge> ConnectBridge::ToLoopback(const std::string& address) {
  const bool socket = address.starts_with("unix:");
  return std::unique_ptr<ConnectBridge>(new ConnectBridge(
      grpc::CreateChannel(address, grpc::experimental::LocalCredentials(socket ? UDS : LOCAL_TCP)), true));
}

bool ConnectBridge::Takes(const http::Request& request) {
  return request.target.starts_with(kPackage);
}

bool ConnectBridge::Enter(const std::string& caller) {
  const MutexLock lock(mutex_);
  int& calls = calls_[caller];
  if (calls >= limits::kBridgeCallsOfOne) return false;
  ++calls;
  return true;
}

void ConnectBridge::Leave(const std::string& caller) {
  const MutexLock lock(mutex_);
  const auto calls = calls_.find(caller);
  if (--calls->second == 0) calls_.erase(calls);
}

http::Response ConnectBridge::Answer(const http::Request& request) {
  http::Response response;
  if (const std::string foreign = WhyForeign(request, trial_); !foreign.empty()) {
    response = Refused(403, foreign);
    response.failure = "refused: " + foreign;
  } else if (!IsHeaderText(request.client_certificate)) {
    response = Refused(403, "the forwarded certificate is none");
    response.failure = "refused: the forwarded certificate is none";
  } else {
    response = Call(request);
  }
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  Compress(request, &response);
  return response;
}

http::Response ConnectBridge::Call(const http::Request& request) {
  const MethodDescriptor* method = FindMethod(request.target);
  if (method == nullptr) return Refused(404, "there is no method " + request.target.substr(1));
  if (method->client_streaming() || method->server_streaming())
    return Refused(501, "streams are for gRPC: this method is not offered over HTTP");
  if (request.method != "POST") {
    http::Response refused = Refused(405, "methods are called by POST");
    refused.headers.emplace_back("Allow", "POST");
    return refused;
  }
  const bool json =
      request.content_type == "application/json" || request.content_type.starts_with("application/json;");
  if (!json && request.content_type != "application/proto") {
    http::Response refused = Refused(415, "expected Content-Type: application/json, or application/proto");
    refused.headers.emplace_back("Accept-Post", "application/json, application/proto");
    return refused;
  }
  const auto message = New(method->input_type());
  const auto answer = New(method->output_type());
  grpc::Status status = Parse(request, json, message.get());
  if (!status.ok()) return ErrorResponse(status);
  if (!Enter(request.client_certificate))
    return ErrorResponse({grpc::StatusCode::RESOURCE_EXHAUSTED, "wait until one of your calls has ended"});
  status = MakeCall(channel_, request.target, request.client_certificate, *message, answer.get());
  Leave(request.client_certificate);
  if (!status.ok()) return ErrorResponse(status);
  http::Response given;
  given.content_type = json ? "application/json" : "application/proto";
  given.body = json ? Json(*answer) : answer->SerializeAsString();
  return given;
}

}  // namespace kpr
