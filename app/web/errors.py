"""Every error as a page or as JSON, with a sentence and without a traceback."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from app.errors import InvalidContent, SevenstepError
from app.web.asgi import problem

TITLES = {
    400: "Not understood",
    403: "Refused",
    404: "Not found",
    405: "Not possible here",
    409: "Not possible now",
    413: "Too large",
    415: "Wrong type",
    422: "Cannot be used",
}
MESSAGES = {
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
}


def add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(SevenstepError)
    def known(request: Request, error: SevenstepError) -> Response:
        message = "; ".join(error.problems) if isinstance(error, InvalidContent) else str(error)
        title = TITLES.get(error.status, "Our mistake")
        return problem(request.scope, error.status, title, message)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        title = TITLES.get(error.status_code, "Refused")
        message = MESSAGES.get(error.status_code, str(error.detail))
        response = problem(request.scope, error.status_code, title, message)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        said = [
            f"{'.'.join(str(part) for part in one['loc'][1:]) or 'body'}: {one['msg']}"
            for one in error.errors()
        ]
        return problem(request.scope, 422, TITLES[422], "; ".join(said[:10]))
