// The calls of the page of roles: unary calls of the Connect protocol, in JSON. Each caller is who the client certificate
// names.
export interface Text {
  nb: string;
  en: string;
}
export interface Caller {
  principal: string;
  roles: string[];
}
export interface SignOff {
  answer: "ANSWER_UNSPECIFIED" | "ANSWER_APPROVED" | "ANSWER_OBJECTED";
  text: string;
  principal: string;
  at: string;
}
export interface DraftMunicipality {
  code: string;
  name: string;
  signOff?: SignOff;
}
export interface DraftSummary {
  series: string;
  title: Text;
  state: string;
  draftedAt: string;
  horizon: string;
  signOff: { required: boolean; deadline: string; silent: string; objected: string };
  municipalities: DraftMunicipality[];
}
export interface PreviewRow {
  indicator: string;
  title: Text;
  unit: string;
  decimals: number;
  period: string;
  value?: number;
  missingReason: string;
  lastRelease?: number;
  declared: boolean;
}
export interface Quality {
  counts: { code: string; count: string; messageNb: string; messageEn: string }[];
}

// What went wrong, in the server's words.
export class CallError extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

async function call<T>(method: string, request: object): Promise<T> {
  const response = await fetch(`/kpr.v1.${method}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Connect-Protocol-Version": "1" },
    body: JSON.stringify(request),
  });
  const answer = await response.json().catch(() => ({ code: "unavailable", message: String(response.status) }));
  if (!response.ok) throw new CallError(answer.code, answer.message);
  return answer;
}

export const getCaller = () => call<Caller>("Access/GetCaller", {});
export const listDrafts = () => call<{ drafts: DraftSummary[] }>("Publications/ListDrafts", {});
export const previewDraft = (series: string, municipality: string) =>
  call<{ rows: PreviewRow[] }>("Publications/PreviewDraft", { series, municipality });
export const signOffDraft = (series: string, municipality: string, answer: SignOff["answer"], text: string) =>
  call<SignOff>("Publications/SignOffDraft", { series, municipality, answer, text });
export const getQuality = (municipality: string) => call<Quality>("Ingest/GetDataQualityReport", { municipality });
