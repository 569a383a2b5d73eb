// Cards with tables of objects. Each row has one link, which Tab and the arrow keys reach.
import { arrows, keyed, make, setText } from './dom.js';
import { pathOf } from './api.js';
import { tone } from './format.js';

export const link = item => `#/${pathOf(item)}`;

export function state(text) {
  const dot = make('i', { class: `dot ${tone(text)}`, 'aria-hidden': true });
  return make('span', { class: 'state' }, dot, make('span', {}, text));
}

// Columns: { title, class, value(item) -> text or Node, plain }
export function table(title, width, columns, nothing, keyOf = item => `${item.kind}/${item.namespace}/${item.name}`) {
  const count = make('span', { class: 'quiet' });
  const body = make('tbody');
  const empty = make('p', { class: 'empty' }, nothing);
  const grid = make('div', { class: 'scroll' }, make('table', { 'aria-label': title },
    make('thead', {}, make('tr', {}, ...columns.map(column => make('th', { class: column.class, scope: 'col' }, column.title)))), body));
  const card = make('section', { class: `card ${width}` }, make('header', {}, make('h2', {}, title), count), grid, empty);
  arrows(body, 'a');

  const row = item => make('tr', { onclick: event => { if (!event.target.closest('a')) location.hash = link(item); } },
    ...columns.map((column, index) => index === 0
      ? make('td', { class: 'name' }, make('a', { href: link(item) }, item.name), make('small', {}, item.namespace))
      : make('td', { class: column.class })));

  return {
    card,
    show(items, total = items.length) {
      empty.hidden = items.length > 0;
      grid.hidden = items.length === 0;
      setText(count, total > items.length ? `${items.length} of ${total.toLocaleString('en')}` : total > 0 ? total.toLocaleString('en') : '');
      keyed(body, items, keyOf, row, (element, item) => columns.forEach((column, index) => {
        if (index === 0) return;
        const cell = element.children[index], value = column.value(item), text = value instanceof Node ? value.textContent : value ?? '';
        if (cell.dataset.text === text) return;
        cell.dataset.text = text;
        cell.replaceChildren(value instanceof Node ? value : document.createTextNode(text));
        if (column.exact) cell.title = column.exact(item) ?? '';
      }));
    },
  };
}

export function message(reason, text) {
  return make('span', {}, reason ? make('b', {}, reason) : null, text ?? '');
}
