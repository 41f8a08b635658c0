// Tabs: the parts of the room where the columns do not fit, and what shares one column.

/** Shows a panel of a tablist; nothing where there is no such list. */
export function show(list, id) {
  const tabs = document.getElementById(list)?.querySelectorAll("[role=tab]") ?? [];
  for (const tab of tabs) {
    const chosen = tab.getAttribute("aria-controls") === id;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    // of the room's parts the style decides: on a wide screen all stand side by side
    const panel = document.getElementById(tab.getAttribute("aria-controls"));
    if (list !== "room-tabs") panel.hidden = !chosen;
  }
  if (list === "room-tabs") document.getElementById("room").dataset.tab = id;
}

export function tablist(list) {
  const all = [...list.querySelectorAll("[role=tab]")];
  all.forEach((tab, at) => {
    tab.onclick = () => show(list.id, tab.getAttribute("aria-controls"));
    tab.onkeydown = ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = all[(at + step + all.length) % all.length];
      next.click();
      next.focus();
    };
  });
}

/** The room's parts are panels of tabs only where they are shown one at a time. */
export function narrow(screen) {
  const roles = () => {
    for (const tab of document.querySelectorAll("#room-tabs [role=tab]")) {
      const panel = document.getElementById(tab.getAttribute("aria-controls"));
      if (screen.matches) panel.setAttribute("role", "tabpanel");
      else panel.removeAttribute("role");
    }
  };
  screen.addEventListener("change", roles);
  roles();
}
