#include "ingest/his1135/xml_stream.h"

#include <fmt/format.h>
#include <libxml/xmlreader.h>

#include <filesystem>
#include <memory>

#include "base/limits.h"
#include "base/mask.h"

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
      return Invalid(fmt::format("attribute {} is too long", WithoutLongNumbers(name)));
    if (xmlTextReaderIsNamespaceDecl(reader) == 1) continue;
    element->attributes[name] = std::move(value);
  }
  xmlTextReaderMoveToElement(reader);
  return {};
}

Result<uintmax_t> SizeOf(const Source& source) {
  if (source.text) return source.text->size();
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(source.name, error);
  if (error) return NotFound(fmt::format("{}: {}", source.name, error.message()));
  return size;
}

xmlTextReaderPtr OpenReader(const Source& source) {
  constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES;
  if (!source.text) return xmlReaderForFile(source.name.c_str(), nullptr, kOptions);
  return xmlReaderForMemory(source.text->data(), static_cast<int>(source.text->size()), nullptr, nullptr,
                            kOptions);
}

}  // namespace

const std::string& Element::attribute(const std::string& key) const {
  static const std::string kNone;
  const auto it = attributes.find(key);
  return it == attributes.end() ? kNone : it->second;
}

Status ReadXml(const Source& source, int max_depth, const std::function<Status(const Element&)>& start) {
  const std::string& name = source.name;
  KPR_ASSIGN_OR_RETURN(const uintmax_t size, SizeOf(source));
  if (size > limits::kXmlBytes)
    return Invalid(fmt::format("{}: larger than {} MiB", name, limits::kXmlBytes >> 20));
  const std::unique_ptr<xmlTextReader, decltype(&xmlFreeTextReader)> reader(OpenReader(source),
                                                                            xmlFreeTextReader);
  if (reader == nullptr) return NotFound(fmt::format("{}: cannot be read", name));
  ReaderError error;
  xmlTextReaderSetErrorHandler(reader.get(), KeepFirstError, &error);
  Element element;
  int more;
  while ((more = xmlTextReaderRead(reader.get())) == 1) {
    const int type = xmlTextReaderNodeType(reader.get());
    // The node's own: the parser is ahead of it.
    element.line = static_cast<int>(xmlGetLineNo(xmlTextReaderCurrentNode(reader.get())));
    const auto refuse = [&](const std::string& why) {
      return Invalid(fmt::format("{}:{}: {}", name, element.line, why));
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
  if (more < 0) return Invalid(fmt::format("{}:{}: {}", name, error.line, WithoutLongNumbers(error.message)));
  return {};
}

}  // namespace kpr::his1135
