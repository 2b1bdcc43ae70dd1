#include "ingest/his1135/xml_stream.h"

#include <fmt/format.h>
#include <libxml/xmlreader.h>

#include <filesystem>
#include <memory>

#include "base/limits.h"

namespace kpr::his1135 {
namespace {

std::string Text(const xmlChar* text) {
  return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}

struct ReaderError {
  int line = 0;
  std::string message;
};

void KeepFirstError(void* context, const char* message, xmlParserSeverities,
                    xmlTextReaderLocatorPtr locator) {
  auto* error = static_cast<ReaderError*>(context);
  if (!error->message.empty()) return;
  error->line = xmlTextReaderLocatorLineNumber(locator);
  error->message = message;
  while (!error->message.empty() && error->message.back() == '\n') error->message.pop_back();
}

Status ReadAttributes(xmlTextReaderPtr reader, Element* element) {
  element->attributes.clear();
  while (xmlTextReaderMoveToNextAttribute(reader) == 1) {
    std::string value = Text(xmlTextReaderConstValue(reader));
    const std::string name = Text(xmlTextReaderConstLocalName(reader));
    if (value.size() > limits::kXmlAttributeBytes)
      return Invalid(fmt::format("attribute {} is too long", name));
    if (xmlTextReaderIsNamespaceDecl(reader) == 1) continue;
    element->attributes[name] = std::move(value);
  }
  xmlTextReaderMoveToElement(reader);
  return {};
}

}  // namespace

const std::string& Element::attribute(const std::string& key) const {
  static const std::string kNone;
  const auto it = attributes.find(key);
  return it == attributes.end() ? kNone : it->second;
}

Status ReadXml(const std::string& path, int max_depth, const std::function<Status(const Element&)>& start) {
  std::error_code error_code;
  const auto size = std::filesystem::file_size(path, error_code);
  if (error_code) return NotFound(fmt::format("{}: {}", path, error_code.message()));
  if (size > limits::kXmlBytes)
    return Invalid(fmt::format("{}: larger than {} MiB", path, limits::kXmlBytes >> 20));
  const std::unique_ptr<xmlTextReader, decltype(&xmlFreeTextReader)> reader(
      xmlReaderForFile(path.c_str(), nullptr, XML_PARSE_NONET | XML_PARSE_NOCDATA), xmlFreeTextReader);
  if (reader == nullptr) return NotFound(fmt::format("{}: cannot be read", path));
  ReaderError error;
  xmlTextReaderSetErrorHandler(reader.get(), KeepFirstError, &error);
  Element element;
  int more;
  while ((more = xmlTextReaderRead(reader.get())) == 1) {
    const int type = xmlTextReaderNodeType(reader.get());
    element.line = xmlTextReaderGetParserLineNumber(reader.get());
    const auto refuse = [&](const std::string& why) {
      return Invalid(fmt::format("{}:{}: {}", path, element.line, why));
    };
    if (type == XML_READER_TYPE_DOCUMENT_TYPE || type == XML_READER_TYPE_ENTITY_REFERENCE) {
      return refuse("a document type or entity is not allowed");
    }
    if (type != XML_READER_TYPE_ELEMENT) continue;
    element.depth = xmlTextReaderDepth(reader.get());
    if (element.depth >= max_depth) return refuse("elements are nested too deep for this message");
    element.name = Text(xmlTextReaderConstLocalName(reader.get()));
    if (Status status = ReadAttributes(reader.get(), &element); !status.ok()) return refuse(status.message());
    KPR_RETURN_IF_ERROR(start(element));
  }
  if (more < 0) return Invalid(fmt::format("{}:{}: {}", path, error.line, error.message));
  return {};
}

}  // namespace kpr::his1135
