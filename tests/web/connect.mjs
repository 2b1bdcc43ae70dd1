// A client of the Connect protocol that knows nothing but the protos: connect.mjs ADDRESS DESCRIPTORS CA CERT KEY. Prints what
// it was answered, as JSON.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
const need = createRequire(join(process.env.KPR_WEB_CLIENTS, "package.json"));
const load = (name) => import(pathToFileURL(need.resolve(name)));
const { createClient, ConnectError, Code } = await load("@connectrpc/connect");
const { createConnectTransport } = await load("@connectrpc/connect-node");
const { createFileRegistry, fromBinary, toJson } = await load("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = await load("@bufbuild/protobuf/wkt");

const [, , address, descriptors, ca, cert, key] = process.argv;
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const answers = {};
for (const useBinaryFormat of [false, true]) {
  const transport = createConnectTransport({
    baseUrl: address,
    httpVersion: "2",
    useBinaryFormat,
    nodeOptions: { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) },
  });
  const client = (name) => createClient(registry.getService(`kpr.v1.${name}`), transport);
  const json = (name, message) => toJson(registry.getMessage(`kpr.v1.${name}`), message, { registry });
  const failure = (call) => call.then(() => null, (error) => ({
    code: Code[ConnectError.from(error).code],
    message: ConnectError.from(error).rawMessage,
    details: ConnectError.from(error).details.map((detail) => detail.type),
  }));
  answers[useBinaryFormat ? "binary" : "json"] = {
    caller: json("Caller", await client("Access").getCaller({})),
    values: json("IndicatorTable", await client("Indicators").getIndicatorValues({ indicator: "nursing_home_residents", fromPeriod: "2023", toPeriod: "2024", level: 3, areas: ["1103"] })),
    others: await failure(client("Indicators").explainIndicatorValue({ indicator: "nursing_home_residents", period: "2023", area: "1103" })),
    invalid: await failure(client("Indicators").getIndicatorValues({ indicator: "no_such_indicator", fromPeriod: "2023", toPeriod: "2023" })),
  };
}
console.log(JSON.stringify(answers));
process.exit(0); // HTTP/2 connections stay open
