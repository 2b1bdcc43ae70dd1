// Opens what an extract has with readers from npm, and prints it as JSON: read.mjs parquet FILE, read.mjs age KEYFILE FILE.
import { readFile } from "node:fs/promises";
import { Decrypter } from "age-encryption";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

const [what, ...files] = process.argv.slice(2);
if (what === "parquet") {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(files[0]), compressors });
  console.log(JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? Number(value) : value)));
} else {
  const decrypter = new Decrypter();
  const key = (await readFile(files[0], "utf8")).split("\n").find((line) => line.startsWith("AGE-SECRET-KEY-"));
  decrypter.addIdentity(key);
  process.stdout.write(await decrypter.decrypt(await readFile(files[1])));
}
