// Who asks: an operator wants a token of somebody who may see the dashboard.
import { make } from './dom.js';
import { remember } from './api.js';

export function login(content, reason, again) {
  if (content.querySelector('.login')) {
    content.querySelector('.login [role="alert"]').textContent = reason;
    return;
  }
  const field = make('input', { type: 'password', 'aria-label': 'Token', placeholder: 'Token', autocomplete: 'off', required: true });
  content.replaceChildren(make('section', { class: 'card login' },
    make('h2', {}, 'Show a token'),
    make('p', { role: 'alert' }, reason),
    make('p', {}, 'The API server must know it, and its owner must be allowed to get the non-resource URL /dashboard. It stays in this tab. For example:'),
    make('pre', {}, 'kubectl create token ACCOUNT -n NAMESPACE'),
    make('form', { onsubmit: event => { event.preventDefault(); remember(field.value.trim()); content.replaceChildren(); again(); } }, field, make('button', { type: 'submit' }, 'Open'))));
  field.focus();
}
