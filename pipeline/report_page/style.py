"""How the page looks, on a screen in light and dark and on A4."""

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #5b5b5b; --line: #d5d5d5;
  --ground: #ffffff; --panel: #f5f6f7; --good: #00704f; --watch: #a84500; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --soft: #ababab; --line: #444444;
  --ground: #16181a; --panel: #202326; --good: #4fd0a5; --watch: #ff9d5c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 860px; padding: 28px 24px 48px; background: var(--ground);
  color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial,
  "DejaVu Sans", sans-serif; }
h1 { font-size: 30px; line-height: 1.15; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 40px 0 10px; padding-top: 14px; border-top: 2px solid var(--ink);
  overflow-wrap: anywhere; }
h3 { font-size: 15px; margin: 16px 0 4px; }
p { margin: 6px 0; }
.soft { color: var(--soft); }
.lead { font-size: 18px; margin: 14px 0 18px; }
.facts { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0; padding: 0; }
.facts div { flex: 1 1 auto; background: var(--panel); border-radius: 8px; padding: 8px 12px; }
.facts dt { color: var(--soft); font-size: 12.5px; }
.facts dd { margin: 0; font-size: 19px; font-weight: 650; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.facts dd small { font-size: 12.5px; font-weight: 400; color: var(--soft); display: block; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr));
  gap: 16px 28px; }
.pair > :only-child { grid-column: 1 / -1; }
.three { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr));
  gap: 18px 28px; }
figure { margin: 8px 0; }
figcaption { font-size: 13px; font-weight: 600; margin-bottom: 4px; }
.plot { display: block; width: 100%; height: auto; font-family: inherit; }
.plot text { fill: var(--ink); }
.plot .halo { paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
ul { margin: 4px 0; padding-left: 0; list-style: none; }
li { padding-left: 24px; position: relative; margin: 3px 0; }
li::before { position: absolute; left: 2px; font-weight: 700; }
.good li::before { content: "✓"; color: var(--good); }
.out li::before { content: "!"; left: 7px; color: var(--watch); }
.meant small { color: var(--soft); white-space: nowrap; }
.meant li::before { content: "·"; left: 8px; }
.meant li.stop::before, .meant li.attention::before { content: "!"; left: 7px;
  color: var(--watch); }
.meant li.good::before { content: "✓"; left: 2px; color: var(--good); }
.remarks li::before { content: "·"; left: 8px; }
.note { border-left: 4px solid var(--line); padding: 2px 12px; font-style: italic;
  overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
.long .plot { min-width: 620px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px;
  font-variant-numeric: tabular-nums; margin: 10px 0; }
caption { text-align: left; font-size: 13px; font-weight: 600; padding-bottom: 4px; }
th, td { padding: 4px 8px; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { font-weight: 600; color: var(--soft); vertical-align: bottom; }
tbody th { color: var(--ink); }
th:first-child { padding-left: 0; text-align: left; }
.words { text-align: left; white-space: normal; }
tr.partial td, tr.partial th { color: var(--soft); font-style: italic; }
tr.now td, tr.now th { font-weight: 700; }
td b { border-bottom: 2px solid var(--watch); }
footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--line);
  color: var(--soft); font-size: 12.5px; }
@page { size: A4; margin: 14mm 14mm 16mm; @bottom-right { content: counter(page);
  font: 9pt sans-serif; } }
@media print {
  :root { color-scheme: light; --ink: #000000; --soft: #444444; --line: #bbbbbb;
    --ground: #ffffff; --panel: #ffffff; --good: #000000; --watch: #000000; }
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 1.38;
    print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h1 { font-size: 20pt; }
  h2 { font-size: 13pt; margin: 16px 0 6px; padding-top: 8px; break-after: avoid; }
  h3, caption, figcaption { break-after: avoid; font-size: 9.5pt; }
  h3 { margin-top: 6px; }
  figure { margin: 4px 0; }
  .facts { gap: 5px; margin: 6px 0; }
  .facts div { border: 1px solid var(--line); padding: 1.5px 7px; }
  .facts dt, .facts dd small { font-size: 8pt; }
  .facts dd { font-size: 11.5pt; }
  .pair { grid-template-columns: 1fr 1fr; gap: 8px 20px; }
  .three { grid-template-columns: repeat(3, 1fr); }
  table { font-size: 8.5pt; margin: 4px 0; }
  th, td { padding: 1.5px 7px; }
  li { margin: 1px 0; }
  .lead { font-size: 12.5pt; margin: 8px 0 10px; }
  figure, svg, tr, li, footer, .facts, .note, .together { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  .long .plot { min-width: 0; }
}
"""
