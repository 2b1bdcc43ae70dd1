// Around every chart: its two titles, the same figures as a table, downloads of exactly what is shown, a link and code
// to embed it.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Words } from "../words";

export interface Rows {
  head: string[];
  rows: (string | number)[][];
}

export function Frame({ id, title, subtitle, source, help, table, csv, link, embed, words, children }: {
  id: string;
  title: string;
  subtitle: string;
  source: string;
  help?: string;
  table: Rows;
  csv: string;
  link: string;
  embed: string; // empty: it cannot be shown alone
  words: Words;
  children: ComponentChildren;
}) {
  const [asTable, setAsTable] = useState(false);
  const [said, setSaid] = useState("");
  const figure = useRef<HTMLElement>(null);
  const copy = (text: string) => {
    navigator.clipboard?.writeText(text).then(() => setSaid(words.copied), () => setSaid(text));
  };
  const drawing = () => figure.current?.querySelector<SVGSVGElement>(".chart > svg");
  const save = (blob: Blob, name: string) => {
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(blob);
    anchor.download = name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
  };
  const saveSvg = () => {
    const svg = drawing();
    if (svg) save(new Blob([standalone(svg, title, subtitle, source)], { type: "image/svg+xml" }), `${id}.svg`);
  };
  const savePng = () => {
    const svg = drawing();
    if (!svg) return;
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = image.width * 2;
      canvas.height = image.height * 2;
      const context = canvas.getContext("2d")!;
      context.scale(2, 2);
      context.drawImage(image, 0, 0);
      canvas.toBlob((blob) => blob && save(blob, `${id}.png`));
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(standalone(svg, title, subtitle, source));
  };
  return (
    <figure class="frame" ref={figure} aria-labelledby={`${id}-title`}>
      <figcaption>
        <h3 class="ds-heading" data-size="xs" id={`${id}-title`}>{title}</h3>
        <p class="subtitle">{subtitle}</p>
      </figcaption>
      <div class="frame-tools" role="group" aria-label={words.showAs}>
        <button type="button" class="ds-button" data-variant={asTable ? "tertiary" : "secondary"} data-size="sm" aria-pressed={!asTable} onClick={() => setAsTable(false)}>{words.chart}</button>
        <button type="button" class="ds-button" data-variant={asTable ? "secondary" : "tertiary"} data-size="sm" aria-pressed={asTable} onClick={() => setAsTable(true)}>{words.table}</button>
      </div>
      <div hidden={asTable}>
        {children}
        {help && <p class="help">{help} <span class="on-screen">{words.keyboard}</span></p>}
      </div>
      {asTable && <DataTable rows={table} label={title} />}
      <p class="source">{source}</p>
      <details class="share">
        <summary>{words.share}</summary>
        <div class="share-row">
          <a class="ds-button" data-variant="tertiary" data-size="sm" href={csv} download={`${id}.csv`}>{words.csv}</a>
          <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" onClick={saveSvg}>{words.svg}</button>
          <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" onClick={savePng}>{words.png}</button>
          <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" onClick={() => copy(location.origin + link)}>{words.link}</button>
          {embed && <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" onClick={() => copy(`<iframe src="${location.origin}${embed}" width="100%" height="560" title="${title.replace(/"/g, "&quot;")}"></iframe>`)}>{words.embed}</button>}
          <span role="status" class="said">{said}</span>
        </div>
      </details>
    </figure>
  );
}

export function DataTable({ rows, label }: { rows: Rows; label: string }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table class="ds-table" data-size="sm">
        <thead><tr>{rows.head.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
        <tbody>
          {rows.rows.map((row, index) => (
            <tr key={index}>{row.map((cell, at) => (at === 0 ? <th scope="row" key={at}>{cell}</th> : <td key={at}>{cell}</td>))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// The drawing with its styles, titles and source in it.
function standalone(svg: SVGSVGElement, title: string, subtitle: string, source: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = svg.querySelectorAll("*"), to = copy.querySelectorAll("*");
  const kept = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family", "font-weight", "text-anchor"];
  from.forEach((element, index) => {
    const style = getComputedStyle(element);
    to[index].setAttribute("style", kept.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
  });
  const width = svg.clientWidth, height = svg.clientHeight;
  const escape = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const font = "font-family:Inter,Segoe UI,Arial,sans-serif";
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + 84}"><rect width="100%" height="100%" fill="#fff"/>` +
    `<text x="8" y="24" style="${font};font-size:17px;font-weight:600">${escape(title)}</text>` +
    `<text x="8" y="44" style="${font};font-size:13px;fill:#5b5d60">${escape(subtitle)}</text>` +
    `<g transform="translate(0,54)">${new XMLSerializer().serializeToString(copy)}</g>` +
    `<text x="8" y="${height + 74}" style="${font};font-size:11px;fill:#5b5d60">${escape(source)}</text></svg>`;
}
