/** The look of every page, in light and in dark: system fonts, no image, nothing of another origin. */
export const STYLE = `:root{color-scheme:light dark;--paper:#f4f6f8;--card:#fff;--ink:#1a1f26;--soft:#4f5965;--line:#d3d9e0;--field:#767f8a;--accent:#0a559e;--on:#fff;--tint:#e7f0fa;--yes:#17663a;--yes-tint:#e4f3ea;--no:#a3201b;--no-tint:#fbeae9;--wait:#7a4b00;--wait-tint:#fdf1dc}
@media (prefers-color-scheme:dark){:root{--paper:#12161b;--card:#1b2128;--ink:#e8ecf1;--soft:#a9b4c0;--line:#333c46;--field:#7d8894;--accent:#7fb8f2;--on:#0d1319;--tint:#1d3147;--yes:#7fd3a0;--yes-tint:#17301f;--no:#ff9d97;--no-tint:#3b1b1a;--wait:#f2c46d;--wait-tint:#352a12}}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;background:var(--paper);color:var(--ink)}
a{color:var(--accent)}code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;justify-content:space-between;background:var(--card);border-bottom:1px solid var(--line);padding:.5rem max(1rem,calc(50% - 32rem)) 0}
header p{margin:.4rem 0;color:var(--soft)}header p strong{color:var(--ink);font-size:1.1rem;margin-right:.35rem}
header nav{order:1;flex-basis:100%}header:not(:has(nav)){padding-bottom:.5rem}
nav ul{display:flex;flex-wrap:wrap;gap:0 .25rem;list-style:none;margin:0 0 0 -.6rem;padding:0}
header nav a{display:block;padding:.5rem .6rem;text-decoration:none;color:var(--soft);border-bottom:3px solid transparent}
header nav a:hover{color:var(--ink);border-color:var(--line)}header nav a[aria-current]{color:var(--ink);border-color:var(--accent)}
main{max-width:66rem;margin:0 auto;padding:1rem 1rem 4rem;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:1rem 0}h2{font-size:1.2rem;margin:2rem 0 .75rem}h3{font-size:1rem;margin:1.5rem 0 .5rem}p{margin:.5rem 0}
.lead{color:var(--soft);max-width:46rem}.empty{color:var(--soft);background:var(--card);border:1px dashed var(--line);border-radius:.5rem;padding:1rem}
dl,table,.cards>li,pre,form.filter,form.sheet,.plain{background:var(--card);border:1px solid var(--line);border-radius:.5rem}
dl{margin:0;padding:.25rem 1rem;display:grid;grid-template-columns:minmax(8rem,13rem) 1fr}dt,dd{padding:.45rem 0;border-top:1px solid var(--line)}dt{color:var(--soft);padding-right:1rem}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}dl>:nth-child(-n+2){border-top:0}
table{border-collapse:separate;border-spacing:0;width:100%}th,td{text-align:left;padding:.5rem .75rem;vertical-align:top;border-top:1px solid var(--line)}thead th{border-top:0;color:var(--soft);font-size:.85rem;font-weight:600;overflow-wrap:normal}td{overflow-wrap:anywhere;min-width:5.5rem}td:has(>a.place){min-width:3rem}
.plain{margin:0;padding:.5rem 1rem .5rem 2rem}.plain li{padding:.3rem 0}
label{display:block;font-weight:600;font-size:.9rem;margin:.75rem 0 .25rem}input,select,textarea{font:inherit;color:inherit;background:var(--card);border:1px solid var(--field);border-radius:.3rem;width:100%;max-width:30rem;padding:.45rem .6rem}
button{font:inherit;font-weight:600;cursor:pointer;margin-top:1rem;padding:.5rem 1.1rem;border:1px solid var(--accent);border-radius:.3rem;background:var(--accent);color:var(--on)}
.no button{background:var(--no);border-color:var(--no)}.yes button{background:var(--yes);border-color:var(--yes)}
form.sheet,form.no,form.yes{padding:.25rem 1.25rem 1.25rem;margin:1rem 0}form.no,form.yes{background:var(--card);border:1px solid var(--line);border-radius:.5rem;border-left-width:.3rem}form.no{border-left-color:var(--no)}form.yes{border-left-color:var(--yes)}.cards form.no{margin:.75rem 0 .25rem;padding:0 1rem 1rem}
form h2{margin:1rem 0 .25rem}form.sheet button,form.no button,form.yes button{display:block}
form.filter{display:flex;flex-wrap:wrap;gap:0 1rem;align-items:end;padding:.25rem 1rem 1rem}form.filter>div{flex:1 1 12rem;max-width:22rem}form.filter button{margin-top:.75rem}
.cards{list-style:none;padding:0;margin:0}.cards>li{padding:.6rem 1rem;margin:.6rem 0}.cards h3{margin:.2rem 0}
.soft{color:var(--soft)}.word,.state{overflow-wrap:break-word}.state{display:inline-block;font-size:.85rem;font-weight:600;border-radius:1rem;padding:.05rem .65rem;background:var(--tint);color:var(--accent)}.state.yes{background:var(--yes-tint);color:var(--yes)}.state.no{background:var(--no-tint);color:var(--no)}.state.wait{background:var(--wait-tint);color:var(--wait)}
p.no,p.yes,ul.checks{background:var(--card);border:1px solid var(--line);border-left:.3rem solid var(--no);border-radius:.5rem;padding:.6rem 1rem}p.yes,ul.checks{border-left-color:var(--yes)}
ul.checks{list-style:none;margin:0 0 1rem}ul.checks li::before{content:"\\2713  ";color:var(--yes);font-weight:600}
del,ins{display:block;text-decoration:none;padding:.3rem .6rem;margin:.3rem 0;border-left:.25rem solid}del{background:var(--no-tint);border-color:var(--no)}ins{background:var(--yes-tint);border-color:var(--yes)}del::before{content:"before: ";font-weight:600}ins::before{content:"after: ";font-weight:600}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.75rem 1rem;margin:.5rem 0}
.pager{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;margin:1rem 0}.pager a{display:inline-block;padding:.35rem 0}
.who{display:flex;gap:.75rem;align-items:center;color:var(--soft)}.who button{margin:0;padding:.25rem .8rem;background:transparent;color:var(--accent);border-color:var(--field)}
.skip{position:absolute;left:-100rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem;z-index:1}.fault:empty{display:none}
@media (max-width:44rem){header p span{display:none}header nav a{padding:.35rem .5rem}dl{grid-template-columns:1fr}dt{padding:.5rem 0 0}dd{border:0;padding:0 0 .5rem}dl>dt:first-child{border-top:0}form.filter>div{max-width:none;flex-basis:100%}
table{border:0;background:none}thead{position:absolute;left:-100rem}tr{display:block;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem 1rem;margin:.6rem 0}td{display:block;border:0;padding:.15rem 0}td::before{content:attr(data-column) ": ";color:var(--soft)}td:empty{display:none}}
:focus-visible,input:focus-within{outline:3px solid var(--accent);outline-offset:2px}
`;
