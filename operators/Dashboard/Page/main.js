// Asks every two seconds, while somebody looks, and has the parts show it.
import { ask, Refused } from './api.js';
import { make, setText } from './dom.js';
import { overview } from './overview.js';
import { follow, close, isOpen, refresh } from './detail.js';
import { byPhase, closeSearch, focusSearch, startSearch } from './search.js';
import { login } from './login.js';
import { toggleTheme } from './theme.js';

const content = document.getElementById('content'), live = document.getElementById('live');
const page = overview(phase => byPhase(phase, report));
let timer = 0, rounds = 0;

function report(error) {
  live.className = 'live off';
  setText(live, error instanceof Refused ? 'locked' : 'no answer');
  live.title = error.message;
  if (error instanceof Refused) login(content, error.message, round);
}

async function round() {
  clearTimeout(timer);
  try {
    const [data, points] = await Promise.all([ask('overview'), ask(`history?after=${page.live.last}`)]);
    if (content.querySelector('.login')) content.replaceChildren();
    page.show(content, data);
    page.live.add(points.points);
    setText(document.getElementById('source'), data.source);
    document.title = `${data.templates?.phases.Failed ? `(${data.templates.phases.Failed}) ` : ''}Capstan · ${data.source}`;
    live.className = 'live on';
    live.title = '';
    setText(live, 'live');
    document.documentElement.dataset.rounds = ++rounds;
    if (isOpen() && rounds % 3 === 0) await refresh();
    timer = setTimeout(round, 2000);
  } catch (error) {
    report(error);
    if (!(error instanceof Refused)) timer = setTimeout(round, 4000);
  }
}

addEventListener('hashchange', () => follow(report));
addEventListener('popstate', () => follow(report));
document.addEventListener('visibilitychange', () => { if (document.hidden) clearTimeout(timer); else round(); });
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape' && isOpen()) return close();
  if (event.target.closest('input')) return;
  if (event.key === '/') { event.preventDefault(); focusSearch(); }
  if (event.key === 't') toggleTheme();
  if (event.key === 'ArrowDown' && document.activeElement === document.body) { event.preventDefault(); document.querySelector('main tbody a')?.focus(); }
});
document.addEventListener('click', event => { if (!event.target.closest('.search') && !event.target.closest('.chip')) closeSearch(); });
startSearch(report);
content.append(make('p', { class: 'empty full' }, 'Loading …'));
round().then(() => follow(report));
