// The municipality's answer to a draft: approve, or object and say why.
import { useId, useState } from "preact/hooks";
import { day } from "../format";
import type { Language } from "../words";
import { signOffDraft, type DraftMunicipality, type DraftSummary, type SignOff } from "./api";
import type { Words } from "./words";

export function AnswerForm({ draft, municipality, language, words, mayAnswer, onAnswer }: {
  draft: DraftSummary;
  municipality: DraftMunicipality;
  language: Language;
  words: Words;
  mayAnswer: boolean;
  onAnswer: () => void;
}) {
  const given = municipality.signOff;
  const [text, setText] = useState(given?.text ?? "");
  const [said, setSaid] = useState<{ text: string; failed: boolean } | null>(null);
  const [waits, setWaits] = useState(false);
  const id = useId();
  const nameOf = (answer: SignOff["answer"]) => (answer === "ANSWER_APPROVED" ? words.approved : words.objected);
  const send = (answer: SignOff["answer"]) => {
    if (answer === "ANSWER_OBJECTED" && !text.trim()) return setSaid({ text: words.whyNeeded, failed: true });
    setWaits(true);
    signOffDraft(draft.series, municipality.code, answer, answer === "ANSWER_OBJECTED" ? text.trim() : "").then(
      () => {
        setSaid({ text: words.saved(nameOf(answer)), failed: false });
        onAnswer();
      },
      (error: Error) => setSaid({ text: error.message, failed: true }),
    ).finally(() => setWaits(false));
  };
  return (
    <>
      <h3 class="ds-heading after" data-size="sm">{words.answer}</h3>
      {given && <p>{words.answerOf(nameOf(given.answer), given.principal, day(given.at, language))}{given.text && <q class="quoted">{given.text}</q>}</p>}
      {mayAnswer && (
        <div class="answer-form">
          <label for={id}>{words.why}</label>
          <textarea id={id} class="ds-input" rows={3} maxLength={2000} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          <div class="choices">
            <button type="button" class="ds-button" disabled={waits} onClick={() => send("ANSWER_APPROVED")}>{words.approve}</button>
            <button type="button" class="ds-button" data-variant="secondary" disabled={waits} onClick={() => send("ANSWER_OBJECTED")}>{words.object}</button>
          </div>
          <p role="status" class={said?.failed ? "failed" : "said"}>{said?.text}</p>
        </div>
      )}
    </>
  );
}
