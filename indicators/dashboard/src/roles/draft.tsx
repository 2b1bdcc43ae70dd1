// One draft: whose answers are there, and one municipality's figures, data quality and answer.
import { useEffect, useId, useState } from "preact/hooks";
import { DataTable } from "../charts/frame";
import { useLoad } from "../context";
import { day, number, withUnit } from "../format";
import type { Language } from "../words";
import { getQuality, previewDraft, type DraftMunicipality, type DraftSummary, type PreviewRow } from "./api";
import { AnswerForm } from "./answer";
import type { Words } from "./words";

interface Shown {
  draft: DraftSummary;
  language: Language;
  words: Words;
}

export function answerName(municipality: DraftMunicipality, words: Words): string {
  const answer = municipality.signOff?.answer;
  return answer === "ANSWER_APPROVED" ? words.approved : answer === "ANSWER_OBJECTED" ? words.objected : words.notAnswered;
}

export function DraftView({ draft, language, words, mayAnswer, onAnswer }: Shown & { mayAnswer: boolean; onAnswer: () => void }) {
  const named = new URLSearchParams(location.search).get("municipality") ?? "";
  const [code, setCode] = useState(draft.municipalities.some((one) => one.code === named) ? named : draft.municipalities[0]?.code ?? "");
  const id = useId();
  const municipality = draft.municipalities.find((one) => one.code === code);
  const ready = draft.state === "STATE_READY" || draft.state === "STATE_APPROVED";
  useEffect(() => {
    if (code) history.replaceState(null, "", `/roles?lang=${language}&municipality=${code}`);
  }, [code]);
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 class="ds-heading" data-size="md" id={`${id}-title`}>{draft.title[language]}</h2>
      <p>{words.draftOf(day(draft.draftedAt, language), day(draft.horizon, language))}</p>
      {draft.signOff?.required ? <p><strong>{words.deadline(day(draft.signOff.deadline, language))}.</strong> {words.silent[draft.signOff.silent]}</p> : <p>{words.noSignOff}</p>}
      {!municipality && <p>{words.noMunicipality}</p>}
      {draft.municipalities.length > 1 && (
        <p>
          <label for={id}>{words.municipality}</label>{" "}
          <select id={id} class="ds-input pick" value={code} onChange={(event) => setCode(event.currentTarget.value)}>
            {draft.municipalities.map((one) => <option key={one.code} value={one.code}>{`${one.name} (${answerName(one, words)})`}</option>)}
          </select>{" "}
          <span class="help">{words.answered(draft.municipalities.filter((one) => one.signOff).length, draft.municipalities.length)}</span>
        </p>
      )}
      {!ready && <p>{words.notReady}</p>}
      {municipality && ready && (
        <>
          <Figures draft={draft} municipality={municipality} language={language} words={words} />
          <Quality municipality={municipality} language={language} words={words} />
          {draft.signOff?.required && <AnswerForm key={code} draft={draft} municipality={municipality} language={language} words={words} mayAnswer={mayAnswer} onAnswer={onAnswer} />}
        </>
      )}
    </section>
  );
}

const differs = (row: PreviewRow) => row.value !== row.lastRelease;

function Figures({ draft, municipality, language, words }: Shown & { municipality: DraftMunicipality }) {
  const [onlyChanged, setOnlyChanged] = useState(false);
  const { data, failed } = useLoad(() => previewDraft(draft.series, municipality.code), [draft.series, municipality.code]);
  if (!data) return <p class={failed ? "failed" : "waiting"} role="status">{failed ? words.failed : words.loading}</p>;
  const text = (row: PreviewRow, value: number | undefined, none: string) => (value === undefined ? none : withUnit(number(value, row.decimals, language), row.unit === "%" ? "%" : ""));
  const rows = data.rows.filter((row) => !onlyChanged || differs(row));
  return (
    <>
      <h3 class="ds-heading after" data-size="sm">{words.figures(municipality.name)}</h3>
      <p><label><input type="checkbox" checked={onlyChanged} onChange={(event) => setOnlyChanged(event.currentTarget.checked)} /> {words.onlyChanged}</label></p>
      {rows.length === 0 ? <p>{words.nothingChanged}</p> : (
        <DataTable
          label={words.figures(municipality.name)}
          rows={{
            head: [words.indicator, words.period, words.value, words.lastRelease, words.declared],
            rows: rows.map((row) => [row.title[language], row.period, text(row, row.value, words.missing[row.missingReason] ?? "–"), text(row, row.lastRelease, "–"), row.declared ? words.yes : words.no]),
          }}
        />
      )}
    </>
  );
}

function Quality({ municipality, language, words }: Omit<Shown, "draft"> & { municipality: DraftMunicipality }) {
  const { data, failed } = useLoad(() => getQuality(municipality.code), [municipality.code]);
  return (
    <>
      <h3 class="ds-heading after" data-size="sm">{words.quality}</h3>
      <p>{words.qualityLead}</p>
      {!data && <p class={failed ? "failed" : "waiting"} role="status">{failed ? words.failed : words.loading}</p>}
      {data?.counts.length === 0 && <p>{words.noFindings}</p>}
      {data && data.counts.length > 0 && (
        <DataTable label={words.quality} rows={{ head: [words.finding, words.count], rows: data.counts.map((one) => [(language === "nb" ? one.messageNb : one.messageEn) || one.code, number(Number(one.count), 0, language)]) }} />
      )}
    </>
  );
}
