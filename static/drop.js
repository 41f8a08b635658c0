// A file dropped anywhere on the form is the chosen file.
for (const form of document.querySelectorAll("form[data-drop]")) {
  const input = form.querySelector("input[type=file]");
  const over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.toggleAttribute("data-over", event.type === "dragover");
    if (event.type === "drop") input.files = event.dataTransfer.files;
  };
  for (const type of ["dragover", "dragleave", "drop"]) form.addEventListener(type, over);
}
