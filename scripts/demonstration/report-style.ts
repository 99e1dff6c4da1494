// The style of the report: one sheet, light and dark, nothing from elsewhere.

/** CSS, to be put between style tags. */
export const STYLE = `
:root { color-scheme: light dark; --page:#f5f6f8; --card:#fff; --ink:#14181f; --quiet:#667085; --line:#e4e7ec; --accent:#3b5bdb;
  --tint:#3b5bdb14; --good:#12805c; --good-tint:#12805c14; --bad:#c4320a; --bad-tint:#c4320a14;
  --one:#b54708; --two:#7a5af8; --three:#0e7090; --pooled:#475467;
  --collecting:#3b5bdb; --sealed:#7a5af8; --summed:#0e9384; --opening:#dc6803; --failed:#c4320a; }
@media (prefers-color-scheme: dark) { :root { --page:#0c0f14; --card:#151a21; --ink:#eef1f6; --quiet:#98a2b3; --line:#28303b;
  --accent:#8da2fb; --tint:#8da2fb1f; --good:#4ade9f; --good-tint:#4ade9f1a; --bad:#ff9c66; --bad-tint:#ff9c661a;
  --one:#f7b27a; --two:#b8a4ff; --three:#67d3ec; --pooled:#cbd2dc;
  --collecting:#6f8cf8; --sealed:#a48afb; --summed:#2ed3b7; --opening:#fdb022; --failed:#ff9c66; } }
* { box-sizing: border-box; }
body { margin:0; background:var(--page); color:var(--ink); font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif; }
main { max-width:1120px; margin:0 auto; padding:40px 24px 64px; }
header { margin-bottom:24px; }
.brand { display:flex; align-items:center; gap:10px; font-weight:650; letter-spacing:-.01em; }
.brand svg { width:26px; height:26px; fill:var(--accent); }
.brand span { color:var(--quiet); font-weight:400; }
h1 { font-size:32px; line-height:1.2; letter-spacing:-.022em; margin:26px 0 10px; font-weight:680; text-wrap:balance; }
h2 { font-size:17px; letter-spacing:-.01em; margin:0 0 4px; font-weight:650; }
h3 { font-size:13px; margin:0 0 8px; font-weight:600; color:var(--quiet); }
.lead { max-width:68ch; margin:0; color:var(--quiet); font-size:16px; }
.quiet { color:var(--quiet); }
.verdict { display:flex; gap:14px; align-items:center; border-radius:14px; padding:16px 20px; margin:24px 0; background:var(--good-tint); border:1px solid color-mix(in srgb, var(--good) 30%, transparent); }
.verdict.bad { background:var(--bad-tint); border-color:color-mix(in srgb, var(--bad) 40%, transparent); }
.verdict svg { flex:none; width:28px; height:28px; fill:var(--good); }
.verdict.bad svg { fill:var(--bad); }
.verdict b { display:block; font-size:16px; }
.cards { display:grid; grid-template-columns:repeat(4,1fr); gap:14px; margin-bottom:14px; }
.card, section { background:var(--card); border:1px solid var(--line); border-radius:14px; }
.card { padding:16px 18px; }
.card .figure { font-size:29px; line-height:1.2; font-weight:660; letter-spacing:-.02em; font-variant-numeric:tabular-nums; }
.card p { margin:2px 0 0; color:var(--quiet); font-size:13.5px; }
section { padding:22px 24px; margin-bottom:14px; }
section > p { margin:0 0 16px; color:var(--quiet); max-width:84ch; }
.two { display:grid; grid-template-columns:1fr 1fr; gap:32px; }
svg { display:block; width:100%; height:auto; }
svg text { font-size:12px; fill:var(--ink); font-variant-numeric:tabular-nums; }
svg .axis { fill:var(--quiet); font-size:11.5px; }
.grid { stroke:var(--line); }
.line { fill:none; stroke:var(--accent); stroke-width:2.5; stroke-linejoin:round; stroke-linecap:round; }
.area { fill:var(--tint); }
.point { fill:var(--card); stroke:var(--accent); stroke-width:2; }
.level { stroke-width:1.5; stroke-dasharray:4 4; }
.level.site-1 { stroke:var(--one); } .level.site-2 { stroke:var(--two); } .level.site-3 { stroke:var(--three); } .level.pooled { stroke:var(--pooled); }
svg .label.site-1 { fill:var(--one); } svg .label.site-2 { fill:var(--two); } svg .label.site-3 { fill:var(--three); }
svg .label.pooled { fill:var(--pooled); } svg .label.own { fill:var(--accent); font-weight:650; }
.phase.collecting { fill:var(--collecting); background:var(--collecting); } .phase.sealed { fill:var(--sealed); background:var(--sealed); }
.phase.summed { fill:var(--summed); background:var(--summed); } .phase.opening { fill:var(--opening); background:var(--opening); }
.phase.failed { fill:var(--failed); background:var(--failed); }
.legend { list-style:none; margin:14px 0 0; padding:0; display:grid; grid-template-columns:1fr 1fr; gap:6px 28px; font-size:13.5px; }
.legend i { display:inline-block; width:11px; height:11px; border-radius:3px; margin-right:8px; }
table { border-collapse:collapse; width:100%; font-size:14px; font-variant-numeric:tabular-nums; }
th { text-align:left; font-weight:600; color:var(--quiet); font-size:13px; }
th, td { padding:9px 12px 9px 0; border-bottom:1px solid var(--line); vertical-align:top; }
tr:last-child td { border-bottom:0; }
td.number, th.number { text-align:right; }
tr.own td { font-weight:650; color:var(--accent); }
.meter { display:block; height:7px; border-radius:4px; background:var(--line); min-width:120px; margin-top:7px; overflow:hidden; }
.meter i { display:block; height:100%; background:var(--quiet); border-radius:4px; }
tr.own .meter i { background:var(--accent); }
.yes, .no { font-weight:600; white-space:nowrap; }
.yes { color:var(--ink); } .no { color:var(--good); }
code, pre { font:12.5px/1.6 ui-monospace,SFMono-Regular,"Cascadia Mono",Menlo,Consolas,monospace; }
pre { margin:0 0 12px; padding:14px 16px; border-radius:10px; background:var(--page); border:1px solid var(--line); white-space:pre-wrap; overflow-wrap:anywhere; }
.hash { overflow-wrap:anywhere; }
footer { color:var(--quiet); font-size:13px; margin-top:26px; max-width:92ch; }
.scroll { overflow-x:auto; }
@media (max-width:820px) { .cards { grid-template-columns:1fr 1fr; } .two, .legend { grid-template-columns:1fr; } h1 { font-size:26px; } main { padding:24px 14px 48px; } section { padding:18px 16px; } }
@media print { body { background:#fff; } section, .card { break-inside:avoid; } }
`;
