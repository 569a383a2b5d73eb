// The field at the top: what it finds, and choosing among it by keyboard.
import { make } from './dom.js';
import { ask } from './api.js';
import { state, link } from './tables.js';

const input = document.getElementById('search'), list = document.getElementById('results');
let phase = '', turn = 0, timer = 0, chosen = -1;

const options = () => [...list.querySelectorAll('[role="option"]')];

function choose(index) {
  const all = options();
  chosen = all.length === 0 ? -1 : (index + all.length) % all.length;
  all.forEach((one, at) => one.setAttribute('aria-selected', at === chosen ? 'true' : 'false'));
  all[chosen]?.scrollIntoView({ block: 'nearest' });
  if (chosen >= 0) input.setAttribute('aria-activedescendant', all[chosen].id);
  else input.removeAttribute('aria-activedescendant');
}

export function closeSearch() {
  turn++;
  phase = '';
  list.hidden = true;
  input.setAttribute('aria-expanded', 'false');
}

function go(item) {
  closeSearch();
  input.value = '';
  location.hash = link(item);
}

async function find(report) {
  const mine = ++turn, words = input.value.trim();
  if (words === '' && phase === '') return closeSearch();
  try {
    const found = await ask(`search?q=${encodeURIComponent(words)}${phase ? `&phase=${encodeURIComponent(phase)}` : ''}`);
    if (mine !== turn) return;
    const what = phase ? `${phase} templates` : 'objects';
    list.replaceChildren(
      make('div', { class: 'note', role: 'presentation' }, found.total === 0 ? `No ${what} found.` : found.total > found.items.length ? `${found.items.length} of ${found.total.toLocaleString('en')} ${what}: type more of a name` : `${found.total} ${what}`),
      ...found.items.map((item, at) => make('div', { role: 'option', id: `result-${at}`, 'aria-selected': false, onmousedown: event => event.preventDefault(), onclick: () => go(item) },
        make('span', {}, make('span', { class: 'quiet' }, `${item.namespace}/`), item.name), make('span', { class: 'quiet' }, item.kind), state(item.state))));
    list.items = found.items;
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    choose(0);
  } catch (error) {
    report(error);
  }
}

export function byPhase(wanted, report) {
  phase = wanted;
  input.value = '';
  input.focus();
  find(report);
}

export function startSearch(report) {
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(() => find(report), 120); });
  input.addEventListener('blur', () => setTimeout(() => { if (document.activeElement !== input) closeSearch(); }, 0));
  input.addEventListener('keydown', event => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) find(report); else choose(chosen + (event.key === 'ArrowDown' ? 1 : -1));
    } else if (event.key === 'Enter' && !list.hidden && chosen >= 0) {
      event.preventDefault();
      go(list.items[chosen]);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (list.hidden) { input.value = ''; input.blur(); } else closeSearch();
    }
  });
}

export const focusSearch = () => { input.focus(); input.select(); };
